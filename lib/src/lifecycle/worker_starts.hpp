// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LIFECYCLE_WORKER_STARTS_HPP
#define PROCPOOL_LIFECYCLE_WORKER_STARTS_HPP

#include "call/hook_run.hpp"
#include "lifecycle/orders.hpp"
#include "scheduler/scheduler.hpp"
#include "scheduler/work.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace procpool::pooling {

/// The finalizer of the process at one place.
struct finalizer_at {
    std::unique_ptr<hook_run> run; // null: none, or the link has it
    bool given = false;
    bool skipped = false; // the process was abandoned before it was ready
};

/// The starts of a pool's processes: the first one of each worker, replacements, failures and their reasons,
/// and how many processes run the initializer or the finalizer. It reports to the scheduler, which decides
/// whether a process is started again or its worker is given up. It starts nothing itself.
///
/// Thread safety: under the pool's lock.
class worker_starts {
  public:
    worker_starts(scheduling::scheduler& decides, orders& carried_out) noexcept
        : scheduler_(&decides)
        , orders_(&carried_out) {}
    worker_starts(const worker_starts&) = delete;
    worker_starts& operator=(const worker_starts&) = delete;

    /// Errors: throws std::bad_alloc.
    void grow_to(std::size_t places);

    /// Whether a process that was ordered is still needed.
    bool is_needed(std::size_t place) const noexcept { return !scheduler_->stopping(place); }
    /// No process is started at `place`, since none is needed any more.
    void not_needed(std::size_t place) noexcept { scheduler_->died(place, {}, false); }
    /// Counts a process of this worker, and returns how many it had before.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    std::uint64_t next_generation(std::size_t worker);

    /// The process at `place` can be given work.
    void ready(std::size_t place) noexcept { scheduler_->started(place); }
    /// No process could be started at `place`.
    void failed(std::size_t place, std::string_view why) noexcept;
    struct end {
        std::string_view process;       // which process, and how it ended
        std::string_view why_not_ready; // empty: it was ready
        bool during_task = false;       // it died because of or during a task, or was killed from outside
    };
    /// The process at `place` is gone. `unbegun`: its items that were not started, in order.
    void ended(std::size_t place, const end& how, const std::vector<scheduling::work>& unbegun) noexcept;

    /// The processes that `place` has had and that are gone: tells the present one from later ones.
    std::uint64_t ended_at(std::size_t place) const noexcept { return ended_at_[place]; }
    /// A process runs the initializer or the finalizer.
    void hook_given() noexcept { ++hooks_; }
    /// The initializer has an outcome: null, or an error. Orders what follows, unless the process that had
    /// `ended_before` predecessors is gone.
    void initializer_ended(std::size_t place, std::uint64_t ended_before,
                           const std::exception_ptr& why) noexcept;
    void finalizer_ended() noexcept { --hooks_; }
    bool any_hook_runs() const noexcept { return hooks_ != 0; }

    /// Whether all of the first `workers` workers are ready for the first time, or one start has failed.
    bool first_start_is_over(std::size_t workers) const noexcept;
    /// Returns whether the first start has succeeded. If so, the pool is in use from now on.
    bool finish_first_start() noexcept;
    bool pool_in_use() const noexcept { return pool_in_use_; }
    /// The reason of the last failed start; before the pool is in use, of the first, from which others follow.
    const std::string& failure() const noexcept { return failure_; }

  private:
    void note_failure(std::size_t place, const std::string& why) noexcept;

    scheduling::scheduler* scheduler_;
    orders* orders_;
    std::vector<std::uint64_t> started_of_; // how many processes each worker has had
    std::vector<std::uint64_t> ended_at_;   // how many processes at each place are gone
    std::size_t hooks_ = 0;                 // processes that run the initializer or the finalizer
    bool pool_in_use_ = false;
    std::string failure_;
};

} // namespace procpool::pooling

#endif

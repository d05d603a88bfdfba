// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_IN_PROCESS_ITEM_RUNNER_HPP
#define PROCPOOL_IN_PROCESS_ITEM_RUNNER_HPP

#include "channel/responses.hpp"
#include "in_process/work_queue.hpp"
#include "task/running_task.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/run/frame_context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <stop_token>

namespace procpool::in_process {

class in_process_pool;

/// A piece of work while the pool's thread runs it: what a frame is for a worker. Items start one by one, and
/// the piece ends early if other work must come first. Each outcome is delivered at once.
///
/// The arguments are copied, as into a worker's ring: they are aligned, and a task may go on reading them
/// when the pool was terminated and the job is gone.
///
/// Runners nest: a codec that decodes an outcome may wait for another result, whose items the thread then
/// runs.
///
/// Thread safety: the pool's thread; `account` under the pool's lock.
class item_runner final : public detail::frame_context, public serving::running_task {
  public:
    using clock = std::chrono::steady_clock;

    /// What the pool knows about the piece. Numbers of items count from the piece's first.
    struct account {
        piece what;
        std::uint64_t sequence = 0; // for channel::item_id
        std::uint32_t done = 0;     // items with an outcome
        std::uint32_t begun = 0;
        std::uint32_t end = 0;        // items from here on were taken away
        bool goes_first = false;      // a thread waits for its outcome, and can run nothing else meanwhile
        bool timed_out = false;       // the item that runs
        bool abandoned = false;       // all of its items have an outcome; the job may be gone
        clock::time_point begun_at{}; // the first item without an outcome

        bool runs_an_item() const noexcept { return done < begun && !abandoned; }
        /// Items that have not begun.
        bool anything_left() const noexcept { return begun < end; }
    };

    /// Requires: under the pool's lock.
    item_runner(in_process_pool& pool, const piece& what, std::uint64_t sequence) noexcept;
    item_runner(const item_runner&) = delete;
    item_runner& operator=(const item_runner&) = delete;
    ~item_runner() = default;

    /// Must be called before `run`, under the pool's lock.
    ///
    /// Errors: throws std::bad_alloc.
    void copy_arguments();
    /// Runs items until none is left or other work must come first.
    ///
    /// Requires: the lock is not held.
    void run() noexcept;
    /// All items without an outcome fail. Requires: likewise.
    void fail_rest(const std::exception_ptr& why) noexcept;

    account& items() noexcept { return items_; }
    const account& items() const noexcept { return items_; }
    /// Only to be compared: the result may be gone.
    const detail::result_base* owner() const noexcept { return owner_; }
    item_runner* outer() const noexcept { return outer_; }
    void set_outer(item_runner* outer) noexcept { outer_ = outer; }
    /// Whether the user's code in this thread is a codec that reads an outcome, not the task.
    bool delivers() const noexcept { return delivers_; }
    /// The last value of this_task::report.
    ///
    /// Thread safety: any thread.
    double reported() const noexcept { return reported_.load(std::memory_order_relaxed); }

  private:
    std::span<const std::byte> function() const noexcept override;
    std::span<const std::byte> arguments() const noexcept override;
    bool next(std::uint32_t& item) override;
    bool timed() const noexcept override { return timed_; }
    detail::packed_items next_packed(std::size_t size) override;
    void packed(std::uint32_t count, std::size_t size) noexcept override;
    encoder& begin_value(std::uint32_t item) override;
    void end_value() override;
    void abandon_value() override;
    void failed(std::uint32_t item, const std::exception_ptr& why) override;

    std::stop_token stop_token() override;
    std::uint64_t seed() const noexcept override;
    void report(double fraction) noexcept override { reported_.store(fraction, std::memory_order_relaxed); }

    void begin_outcome();
    void end_outcome(channel::record_kind kind);
    void deliver(channel::record_kind kind, std::span<const std::byte> bytes) noexcept;

    in_process_pool* pool_;
    item_runner* outer_ = nullptr;
    account items_;
    const detail::result_base* const owner_;
    const bool timed_;
    const detail::task_runner run_;
    const std::uint32_t number_; // of the first item: see this_task::seed
    bool delivers_ = false;
    bool taken_ = false; // `next` returns the item that has begun, again
    std::atomic<double> reported_{0};
    detail::heap_encoder copy_; // the function object, then the arguments
    std::size_t arguments_at_ = 0;
    detail::heap_encoder outcome_;
    detail::heap_encoder packed_room_;
    std::atomic<std::uint64_t> running_{0};
    std::atomic<std::uint64_t> complete_{0};
    std::atomic<bool> interrupted_{false};
};

inline std::int64_t in_nanoseconds(item_runner::clock::time_point when) noexcept {
    return std::chrono::nanoseconds(when.time_since_epoch()).count();
}

} // namespace procpool::in_process

#endif

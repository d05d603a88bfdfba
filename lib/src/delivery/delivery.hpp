// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DELIVERY_DELIVERY_HPP
#define PROCPOOL_DELIVERY_DELIVERY_HPP

#include "channel/memory.hpp"
#include "channel/responses.hpp"
#include "crash/crash_report.hpp"
#include "delivery/last_errors.hpp"
#include "os/waiting.hpp"

#include <procpool/detail/call/job.hpp>

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace procpool::saved_calls {
class call_folder;
}

namespace procpool::pooling {

/// The bells of a pool. A delivery that has one of them to ring keeps them all, also when the pool ends
/// before the delivery rings it.
///
/// Thread safety: under the pool's lock. A bell stays where it is; any thread may ring it.
class bell_set : public boost::intrusive_ref_counter<bell_set> {
  public:
    /// Errors: throws boost::system::system_error if there is no descriptor, std::bad_alloc.
    const os::doorbell& add() { return all_.emplace_back(os::doorbell::create(os::doorbell_kind::blocking)); }
    std::size_t size() const noexcept { return all_.size(); }
    /// Closes the newest ones, down to `count`. Requires: they are not used.
    void shrink_to(std::size_t count) noexcept {
        while (all_.size() > count)
            all_.pop_back();
    }

  private:
    std::deque<os::doorbell> all_;
};

using bell_set_ptr = boost::intrusive_ptr<bell_set>;

/// The process of an outcome, and its memory, from which a big result is read in place.
struct origin {
    std::shared_ptr<const channel::channel_memory> memory;
    bell_set* bells = nullptr;
    const os::doorbell* bell = nullptr; // one of `bells`
    long pid = 0;
};

/// Outcomes that were gathered under the pool's lock, to be decoded and delivered without the lock: decoding
/// runs the user's code.
///
/// Bytes in a ring are copied, so that the ring is free again at once; bytes in an arena stay there until
/// they are decoded.
///
/// Decoding may wait for another outcome of the same delivery. Then another thread takes over the rest of it
/// (`take_rest`), since a value decoded next in this thread may wait for the value that is being decoded
/// here.
///
/// Thread safety: one thread.
class delivery {
  public:
    delivery() = default;
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;
    ~delivery() { hand_over(); }

    /// Adds the outcomes of items [first, first + record.items) of a job, as reported by a worker.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    void add(detail::job& to, std::uint32_t first, const channel::record& record, const origin& from);
    /// Makes room for `count` further failures.
    ///
    /// Errors: throws std::bad_alloc.
    void make_room_for_failures(std::size_t count);
    bool has_room_for_failure() const noexcept {
        return outcomes_.size() < outcomes_.capacity() && failures_.size() < failures_.capacity();
    }
    /// Adds the failure of items [first, first + count) of a job. Requires: room.
    void add_failure(detail::job& to, std::uint32_t first, std::uint32_t count,
                     std::exception_ptr why) noexcept;
    /// Likewise, for an item that is to be saved in a folder when its failure is handed over; null: as above.
    void add_failure_to_save(detail::job& to, std::uint32_t item, std::exception_ptr why,
                             const saved_calls::call_folder* in, long worker_pid) noexcept;
    /// Adds a doorbell to be rung. If there is no memory for that, it is rung at once.
    ///
    /// Requires: it is one of `of`.
    void add_bell(bell_set& of, const os::doorbell& bell) noexcept;

    bool empty() const noexcept { return outcomes_.empty() && to_ring_.empty(); }
    bool has_bells() const noexcept { return !to_ring_.empty(); }
    bool has_outcomes() const noexcept { return !outcomes_.empty(); }

    /// Takes over the outcomes of `other`, after its own. Does not throw if it has no outcomes of its own.
    ///
    /// Requires: neither is being delivered.
    /// Errors:   throws std::bad_alloc; then nothing has changed.
    void take_outcomes(delivery& other);
    /// Likewise, but only outcomes that must be decoded; failures stay.
    void take_what_is_to_be_decoded(delivery& other);
    /// Takes over the outcomes that `other`, which is being delivered in this thread, has not delivered yet.
    void take_rest(delivery& other);
    /// Makes room for the outcomes of both, or the rest of them, so that taking them over needs no memory.
    ///
    /// Errors: throws std::bad_alloc.
    void make_room_for(const delivery& one, const delivery& other);
    /// Drops its outcomes, which will be read again.
    void forget_outcomes() noexcept;
    /// Adds memory to be released after the delivery, since unmapping it takes long. Empties `what`, unless
    /// there is no memory for that.
    void release_later(std::vector<std::shared_ptr<const channel::channel_memory>>& what) noexcept;

    /// Rings the doorbells, and passes every outcome to its job, in the order in which they came.
    ///
    /// Requires: no pool's lock is held.
    void hand_over() noexcept;

    /// Whether this thread is in the middle of a delivery.
    static bool any_suspended() noexcept { return innermost_ != nullptr; }
    /// Continues all deliveries that this thread has interrupted, the innermost first, until `done`.
    ///
    /// Requires: no pool's lock is held.
    template <class Done>
    static void hand_over_suspended(Done done) noexcept {
        for (auto* each = innermost_; each != nullptr && !done(); each = each->outer_)
            while (each->next_ != each->outcomes_.size() && !done())
                each->hand_over_next();
    }

  private:
    enum class kind : std::uint8_t { values, exception, failure, failure_to_save };

    struct outcome {
        detail::job* to;
        std::uint32_t first;
        std::uint32_t count;
        std::size_t offset; // in `bytes_`; or index in `arena_`, or in `failures_`
        std::size_t size;
        long pid;
        kind what;
        bool in_arena;
    };
    struct arena_bytes {
        origin from;
        std::uint32_t slot;
        const std::byte* data;
    };

    void hand_over_next() noexcept { hand_over(outcomes_[next_++]); }
    void hand_over(const outcome& each) noexcept;
    struct places {
        std::size_t bytes;
        std::size_t arena;
        std::size_t failures;
    };
    places append_what_outcomes_refer_to(delivery& other);
    void append(outcome each, const places& before) noexcept;
    void keep_bells_of_outcomes(const delivery& other) noexcept;

    static inline thread_local delivery* innermost_ = nullptr; // the innermost delivery in progress

    boost::container::small_vector<outcome, 4> outcomes_;
    boost::container::small_vector<std::byte, 512> bytes_;
    std::vector<arena_bytes> arena_;
    boost::container::small_vector<std::exception_ptr, 4> failures_;
    boost::container::small_vector<const os::doorbell*, 4> to_ring_;
    bell_set_ptr bells_; // while there is one to be rung, now or after an outcome in an arena
    std::vector<std::shared_ptr<const channel::channel_memory>> released_;
    std::size_t next_ = 0;      // next outcome to be delivered
    delivery* outer_ = nullptr; // while this one is being delivered
};

/// A section under the pool's lock, with what is gathered in it: bells to be rung, and outcomes to be
/// delivered. The order is always the same: the lock is released, then the bells are rung, then the outcomes
/// are delivered. A bell costs a system call, and an outcome runs the user's code, which may use the pool.
/// That happens at the end of the section, or in its middle by `unlock_and_deliver`.
///
/// Thread safety: the thread that made it.
template <std::size_t Deliveries>
class basic_locked_delivery {
  public:
    explicit basic_locked_delivery(std::mutex& mutex) : held_(mutex) {}
    /// Takes over a lock that is held.
    explicit basic_locked_delivery(std::unique_lock<std::mutex> held) noexcept : held_(std::move(held)) {}
    basic_locked_delivery(const basic_locked_delivery&) = delete;
    basic_locked_delivery& operator=(const basic_locked_delivery&) = delete;
    ~basic_locked_delivery() = default;

    delivery& out() noexcept { return gathered_[0]; }
    /// Outcomes that workers published before the section began. What is left of them at the end is delivered
    /// before `out`.
    delivery& drained() noexcept requires(Deliveries == 2) { return gathered_[1]; }

    /// Releases the lock and delivers `out`. `lock` must follow, or the end of the section.
    void unlock_and_deliver() noexcept {
        held_.unlock();
        out().hand_over();
    }
    void lock() { held_.lock(); }

    /// Waits as std::condition_variable does. Nothing is delivered meanwhile: if the condition depends on it,
    /// `unlock_and_deliver` must come first.
    template <class Predicate>
    void wait(std::condition_variable& changed, Predicate predicate) {
        changed.wait(held_, std::move(predicate));
    }

  private:
    // Destroyed in reverse: the lock, then the deliveries, the last one first.
    std::array<delivery, Deliveries> gathered_{};
    std::unique_lock<std::mutex> held_;
};

using locked_delivery = basic_locked_delivery<1>;
using locked_draining = basic_locked_delivery<2>;

} // namespace procpool::pooling

// The errors that a pool itself sets for an item of a job, with all known facts.

// If there is no memory for the error, the error is std::bad_alloc.
namespace procpool::pooling {

/// The worker `pid` died while it ran the item. `printed`: what it wrote to standard error, if that was read.
std::exception_ptr item_lost(const detail::job& job, std::uint32_t item, long pid, const worker_end& end,
                             const last_errors* printed) noexcept;
/// The item ran past its time-out in the worker `pid`. `stopped_at`: where it was then, if that is known.
std::exception_ptr item_timed_out(const detail::job& job, std::uint32_t item, long pid,
                                  const last_errors* printed,
                                  const std::vector<code_place>& stopped_at) noexcept;
/// The item was cancelled; `pid`: the worker that was running it.
std::exception_ptr item_cancelled(const detail::job& job, std::uint32_t item, std::optional<long> pid,
                                  const std::vector<code_place>& stopped_at = {}) noexcept;

} // namespace procpool::pooling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_COLLECTOR_HPP
#define PROCPOOL_POOL_COLLECTOR_HPP

#include "channel/memory.hpp"
#include "channel/sleep.hpp"
#include "delivery/delivery.hpp"
#include "lifecycle/late_items.hpp"
#include "lifecycle/worker_starts.hpp"
#include "os/waiting.hpp"
#include "scheduler/scheduler.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace procpool::pooling {

/// Which thread collects, how it sleeps, which doorbell wakes it, and what other threads leave for it.
///
/// At most one thread collects at a time. A thread that stops collecting while items are outstanding writes
/// `on_doorbell` to the workers' sleep words and checks the rings once more, so there is always a thread that
/// will be woken. It rings no doorbell itself: its functions return the one that must be rung.
///
/// `Links`: a `link_table`, or what has its functions in a test.
///
/// Thread safety: under the pool's lock, except where a function says "any thread".
template <class Links>
class collector {
  public:
    enum class bell : std::uint8_t {
        none,
        own,     // the bell of the pool's own collecting thread
        waiting, // the bell of a thread that waits for a result and collects
    };
    /// What it shares with the rest of the pool.
    struct shared {
        const Links& links;
        scheduling::scheduler& scheduler;
        worker_starts& starts;
        late_items& late;
        const std::atomic<bool>& terminated;
    };

    /// `spin_turns`: the full spin budget of a collecting thread.
    collector(const shared& with, std::uint32_t spin_turns) noexcept
        : shared_(with)
        , waiting_spin_(spin_turns)
        , own_spin_(spin_turns) {}
    collector(const collector&) = delete;
    collector& operator=(const collector&) = delete;

    // Who collects.

    bool collecting() const noexcept { return collecting_; }
    /// This thread collects. Requires: no other thread does.
    void begin() noexcept {
        collecting_ = true;
        gone_.store(false, std::memory_order_relaxed);
        if (asleep())
            sleep_as(channel::sleep::awake);
    }
    /// This thread does not collect any more. Memory that it may have been looking at is released by `out`.
    bell stop(delivery& out) noexcept {
        collecting_ = false;
        out.release_later(retired_);
        gone_.store(true, std::memory_order_release);
        return has_left() ? bell::own : bell::none;
    }
    /// Whether no thread collects. Any thread.
    bool gone() const noexcept { return gone_.load(std::memory_order_acquire); }
    /// Spins until no thread collects, or until `ready()`. The pool's own thread gives way meanwhile; a thread
    /// that waits for its own result does not. Returns whether no thread collects. Any thread.
    template <class Ready>
    bool await_gone(Ready ready) noexcept {
        wanted_.fetch_add(1, std::memory_order_relaxed);
        for (int turn = 0; turn != 200 && !ready() && !gone(); ++turn)
            os::cpu_relax();
        wanted_.fetch_sub(1, std::memory_order_relaxed);
        return gone();
    }
    /// Whether a thread waits for the collector to give way. Any thread.
    bool wanted() const noexcept { return wanted_.load(std::memory_order_relaxed) != 0; }

    // What there is to collect, and what is still to come.

    /// Whether there is something to collect. After terminate(), results of workers are not read any more.
    /// Any thread.
    bool has_responses() const noexcept {
        return has_left() || (!shared_.terminated.load(std::memory_order_relaxed) && shared_.links.peek());
    }
    /// Whether workers will publish outcomes, or room for work that no worker has got yet.
    bool awaits_workers() const noexcept {
        return !shared_.scheduler.idle() || shared_.starts.any_hook_runs() ||
               shared_.scheduler.awaits_room_to_stop();
    }

    // Sleeping.

    bool asleep() const noexcept { return sleep_ != channel::sleep::awake; }
    /// The value of the workers' sleep words.
    channel::sleep sleep() const noexcept { return sleep_; }
    void sleep_as(channel::sleep how) noexcept {
        sleep_ = how;
        shared_.late.forget_check();
        for (auto* link : shared_.links) {
            if (how == channel::sleep::awake)
                link->parent_woke();
            else
                link->parent_sleeps(how);
        }
    }
    /// The bell that wakes the thread which sleeps.
    bell sleeper() const noexcept {
        return sleep_ == channel::sleep::on_doorbell ? bell::own : bell::waiting;
    }
    struct armed {
        bool now = false; // workers have been asked to ring from now on
        bell rung = bell::none;
    };
    /// If outcomes or room are to come and no thread collects or will be woken: workers ring for the pool's
    /// own thread from now on.
    armed arm() noexcept {
        if (collecting_ || asleep() || !awaits_workers())
            return {};
        sleep_as(channel::sleep::on_doorbell);
        return {true, has_responses() ? bell::own : bell::none};
    }

    /// The next thread that collects sleeps without spinning, since a worker must wake up first.
    void sleep_at_once(bool whether) noexcept { sleeps_at_once_ = whether; }
    bool take_sleep_at_once() noexcept { return std::exchange(sleeps_at_once_, false); }
    /// The thread that collects spins until `ready()`; false: its budget is spent. `own`: the pool's own
    /// thread. Without the lock, by the thread that collects.
    template <class Ready>
    bool spin(bool own, Ready ready) {
        return (own ? own_spin_ : waiting_spin_).spin(ready);
    }

    // Outcomes that other threads leave for the thread that collects.

    /// Any thread.
    bool has_left() const noexcept { return left_.load(std::memory_order_relaxed); }
    /// Leaves outcomes to the thread that collects, which delivers them after earlier ones: they are decoded by
    /// the user's code, for which this thread may not wait. Failures do not wait for a codec that runs just
    /// now. Without memory, the outcomes stay in `out`.
    bell leave(delivery& out) noexcept {
        try {
            if (delivering_ != 0)
                outbox_.take_what_is_to_be_decoded(out);
            else
                outbox_.take_outcomes(out);
        } catch (const std::exception&) {
            return bell::none;
        }
        if (!outbox_.has_outcomes())
            return bell::none;
        left_.store(true, std::memory_order_relaxed);
        if (!collecting_)
            return bell::own;
        return sleep_ == channel::sleep::as_collector ? bell::waiting : bell::none;
    }
    /// Takes what was left, after the outcomes that `out` has; false: nothing was left.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    bool take_left(delivery& out) {
        if (!has_left())
            return false;
        out.take_outcomes(outbox_);
        left_.store(false, std::memory_order_relaxed);
        return true;
    }
    /// Makes room in `rest` for `leave_rest`.
    ///
    /// Errors: throws std::bad_alloc.
    void make_room_for_rest(delivery& rest, const delivery& interrupted) const {
        rest.make_room_for(interrupted, outbox_);
    }
    /// This thread stops delivering in the middle: leaves the rest, before outcomes that came later. `rest` is
    /// empty, and has room.
    ///
    /// Errors: throws std::bad_alloc; then `rest` has all of them.
    void leave_rest(delivery& rest, delivery& interrupted) {
        rest.take_rest(interrupted);
        rest.take_outcomes(outbox_);
        outbox_.take_outcomes(rest);
        left_.store(outbox_.has_outcomes(), std::memory_order_relaxed);
    }

    // Threads that deliver outcomes, without the lock.

    /// Returns whether `out` has outcomes; then `delivered` must follow. `own`: in the pool's own thread.
    bool begin_delivering(const delivery& out, bool own = false) noexcept {
        const bool does = out.has_outcomes();
        delivering_ += does;
        own_delivering_ += does && own;
        return does;
    }
    void delivered(bool did, bool own = false) noexcept {
        delivering_ -= did;
        own_delivering_ -= did && own;
    }
    /// Whether every outcome that was read or left has been delivered.
    bool all_delivered() const noexcept { return delivering_ == 0 && !has_left(); }
    /// Whether the pool's own threads deliver nothing, and nothing is left that only they would take.
    bool own_delivered() const noexcept { return own_delivering_ == 0 && (collecting_ || !has_left()); }

    // Memory of dead workers.

    /// Makes room for one `retire`. Errors: throws std::bad_alloc.
    void make_room_to_retire() { retired_.reserve(retired_.size() + 1); }
    /// Keeps the memory while a thread collects, which may be looking at it. Empties `memory` if so.
    void retire(std::shared_ptr<const channel::channel_memory>& memory) noexcept {
        if (memory && collecting_)
            retired_.push_back(std::move(memory));
    }
    /// Requires: no thread collects.
    void release_retired() noexcept { retired_.clear(); }

  private:
    const shared shared_;
    bool collecting_ = false;
    bool sleeps_at_once_ = false;
    channel::sleep sleep_ = channel::sleep::awake;
    std::atomic<unsigned> wanted_{0};
    std::atomic<bool> gone_{true}; // !collecting_, for threads without the lock
    delivery outbox_;
    std::atomic<bool> left_{false};  // the outbox has outcomes
    std::size_t delivering_ = 0;     // threads
    std::size_t own_delivering_ = 0; // of these, the pool's own
    channel::spin_budget waiting_spin_;
    channel::spin_budget own_spin_;
    std::vector<std::shared_ptr<const channel::channel_memory>> retired_{};
};

} // namespace procpool::pooling

#endif

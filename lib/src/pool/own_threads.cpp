// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The pool's own collecting threads: how a thread is replaced when its codec waits, and how the threads end.

#include "os/waiting.hpp"
#include "pool/collecting_scope.hpp"
#include "pool/supervisor.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

namespace procpool::pooling {

/// Called when a codec, or other code that runs while this thread delivers outcomes, waits for `result`. The
/// thread stops collecting, for all pools: their own threads continue.
void supervisor::give_way(const detail::result_base& result) {
    for (auto* each = collecting_scope::innermost(); each != nullptr; each = each->outer())
        if (each->collects())
            each->pool().leave_collecting(*each);
    // The remaining outcomes: failures in deliveries of threads that do not collect, and outcomes at the end
    // of a pool.
    delivery::hand_over_suspended([&] { return result.ready(); });
}

/// Leaves the rest of the current delivery to the pool's own thread.
///
/// Errors: throws std::system_error if no more threads can be started, or std::bad_alloc; then the thread
/// still collects.
void supervisor::leave_collecting(collecting_scope& scope) {
    std::vector<std::unique_ptr<own_collector>> ended; // joined without the lock
    locked_draining held(mutex_);
    auto& left = held.drained();
    // No thread of the pool would continue, so the destructor of `held` delivers the outcomes.
    if (own_collectors_.ending()) {
        take_left_outcomes(left);
        return;
    }
    collector_.make_room_for_rest(left, scope.out());
    if (auto* own = scope.own(); own != nullptr && !own->is_replaced) {
        ended = own_collectors_.take_ended();
        add_own_collector();
        own->is_replaced = true;
    }
    collector_.leave_rest(left, scope.out());
    if (collector_.asleep())
        collector_.sleep_as(channel::sleep::awake);
    stop_collecting(scope, held.out());
}

/// Under the lock, or before there are other threads.
void supervisor::add_own_collector() {
    own_collectors_.add([this](own_collector& self) { collect_when_rung(self); });
}

/// The body of the pool's own collecting thread. The user's code runs with the signal mask that the user
/// expects; while the thread sleeps, all signals are blocked.
void supervisor::collect_when_rung(own_collector& self) noexcept {
    bool keeps_pool = false;
    for (bool ends = false; !ends;) {
        static_cast<void>(pool_bell_->wait()); // if the bell fails, the thread checks again and again
        lock held(mutex_);
        ends = own_collectors_.ending();
        held.unlock();
        try {
            const os::with_signal_mask during(signal_mask_);
            collect_unawaited(self);
        } catch (const std::exception&) { // memory may be freed meanwhile
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            pool_bell_->ring();
        }
        held.lock();
        ends = ends || self.is_replaced;
        self.has_ended = ends;
        keeps_pool = self.keeps_pool;
        if (ends)
            free_resources_if_unused();
    }
    if (keeps_pool)
        intrusive_ptr_release(static_cast<detail::pool_core*>(this));
}

/// Called after a ring for the pool's own thread, or when collecting was left to it.
/// Errors: throws std::bad_alloc; then workers ring when they have outcomes.
void supervisor::collect_unawaited(own_collector& self) {
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (collector_.collecting())
        return; // the other thread arms the bell when it stops
    collecting_scope scope(*this, out, &self);
    collector_.begin();
    try {
        collect_for_all(held, scope);
    } catch (const std::exception&) { // under the lock: only code under the lock throws
        leave_outcomes(out);
        stop_collecting(scope, out);
        throw;
    }
    if (scope.collects())
        stop_collecting(scope, out);
}

/// Waits until the pool's own threads have delivered the outcomes that were left to them: their codecs may
/// wait for each other.
/// Requires: every outcome that there will be is in the outbox, or was delivered.
void supervisor::await_own_collectors() {
    lock held(mutex_);
    started_or_ended_.wait(held, [&] { return collector_.own_delivered(); });
}

void supervisor::dismiss_own_collectors() noexcept {
    {
        const lock held(mutex_);
        own_collectors_.end();
    }
    pool_bell_->ring();
}

/// Requires: see `await_own_collectors`.
void supervisor::end_own_collectors() {
    // The pool may be ended by a codec, or by a callback that a codec waits for: then the threads end when
    // they can.
    const bool is_waited_for = in_callback() || delivery::any_suspended();
    if (!is_waited_for)
        await_own_collectors();
    dismiss_own_collectors();
    if (!is_waited_for) {
        own_collectors_.join();
        return;
    }
    const lock held(mutex_);
    own_collectors_.detach([this](own_collector& each) {
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        each.keeps_pool = true;
    });
}

} // namespace procpool::pooling

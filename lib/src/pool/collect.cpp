// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Which thread collects and waits for results, and how. See supervisor.hpp, "Collecting".

#include "pool/supervisor.hpp"

#include "pool/collecting_scope.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace procpool::pooling {
namespace {

bool is_past(const detail::deadline& until) {
    return until && std::chrono::steady_clock::now() >= *until;
}

} // namespace

/// Called by the collecting thread: takes all available outcomes. Workers that can continue get more work.
void supervisor::collect_what_is_there(delivery& out) {
    take_left_outcomes(out);
    drain(out);
}

void supervisor::take_left_outcomes(delivery& out) {
    if (collector_.take_left(out) && closed_)
        started_or_ended_.notify_all(); // for await_own_collectors
}

/// Without memory, the outcomes stay in `out`, and are delivered with it, earlier than others.
void supervisor::leave_outcomes(delivery& out) noexcept {
    if (out.has_outcomes() && !resources_freed_)
        ring(collector_.leave(out), out);
}

void supervisor::ring(bell which, delivery& out) noexcept {
    if (which != bell::none)
        out.add_bell(*bells_, which == bell::own ? *pool_bell_ : *collector_bell_);
}

/// Reads everything that the workers have published, and gives them more work.
/// Errors: throws std::bad_alloc; then `out` has what was read, and the rest can still be read.
void supervisor::drain(delivery& out) {
    try {
        for (std::size_t i = 0; i != links_.size(); ++i) {
            auto& link = links_[i];
            if (terminated_ || !link.peek())
                continue;
            if (link.watched_has_changed()) {
                scheduler_.may_be_taken_back(i);
                scheduler_.may_have_room(i);
            }
            drain(i, out);
        }
    } catch (const std::exception&) {
        orders_.give().carry_out_later = true;
        throw;
    }
    carry_out(out);
}

void supervisor::drain(std::size_t place, delivery& out) {
    auto& link = links_[place];
    if (const auto pieces = link.late_pieces(); pieces != 0)
        scheduler_.make_room(pieces);
    struct noting {
        supervisor& pool;
        std::size_t place;
        worker_link::progress done{};
        ~noting() {
            pool.note_progress(place, done);
            const auto& link = pool.links_[place];
            if (link.connected() && link.damaged())
                pool.orders_.give(place).kill = true;
        }
    } whatever_happens{*this, place};
    link.drain(out, whatever_happens.done);
}

/// Whether this thread collects, or did so until a codec that it runs began to wait.
bool supervisor::collects_here() const noexcept {
    return collecting_scope::exists_for(*this);
}

/// Leaves collecting to the pool's own thread.
void supervisor::stop_collecting(collecting_scope& scope, delivery& out) noexcept {
    scope.stop();
    ring(collector_.stop(out), out);
    arm_own_bell(out);
    free_resources_if_unused();
}

void supervisor::arm_own_bell(delivery& out) noexcept {
    const auto armed = collector_.arm();
    ring(armed.rung, out);
    // The collecting thread may have stopped for a waiting thread that went to sleep meanwhile: then the
    // clock must trigger the check of held-back work.
    if (armed.now && scheduler_.holds_back())
        plan_check_of_held_back();
}

bool supervisor::wait(detail::result_base& result, detail::deadline until) {
    home().require_here();
    const bool in_codec = delivery::any_suspended();
    if (in_codec && !result.ready()) {
        give_way(result);
        locked_delivery held(mutex_);
        arm_own_bell(held.out()); // the work may have been submitted as if this thread would collect
    }
    while (!result.ready()) {
        if (is_for_callbacks_to_end(result))
            return callbacks_->await(result, until);
        lock held(mutex_);
        if (in_codec || resources_freed_) { // others collect, or only codecs and callbacks are left
            held.unlock();
            if (is_past(until))
                return result.ready();
            park(result, until);
            continue;
        }
        if (!collector_.collecting()) {
            collect(std::move(held), result, until);
            if (is_past(until) && !is_for_callbacks_to_end(result))
                return result.ready();
            continue;
        }
        held.unlock();
        // Another thread collects. The pool's own thread gives way. A thread that waits for its own result
        // does not: it will wake this thread, or leave collecting to a thread that will.
        if (collector_.await_gone([&] { return result.ready(); }))
            continue;
        if (is_past(until))
            return result.ready();
        park(result, until);
    }
    return true;
}

/// Sleeps until the result is ready, or this thread must do something for it: collect, or await callbacks.
void supervisor::park(detail::result_base& result, const detail::deadline& until) noexcept {
    if (callbacks_->has_own_thread())
        result.park(until);
    else
        result.park_until_outcome(until);
}

/// Collects until `result` is ready, the deadline has passed, or this thread has stopped collecting.
/// Errors: throws std::bad_alloc if `result` is not ready by then; another thread will collect.
void supervisor::collect(lock taken, detail::result_base& result, const detail::deadline& until) {
    locked_delivery held(std::move(taken));
    auto& out = held.out();
    collecting_scope scope(*this, out);
    collector_.begin();
    std::exception_ptr no_memory;
    try {
        collect_until(held, scope, result, until);
    } catch (const std::exception&) { // under the lock: only code under the lock throws
        no_memory = std::current_exception();
    }
    if (scope.collects())
        stop_collecting(scope, out);
    const bool delivers = collector_.begin_delivering(out);
    held.unlock_and_deliver();
    if (delivers) {
        held.lock();
        note_delivered(delivers, false);
        held.unlock_and_deliver();
    }
    if (no_memory && !result.ready())
        std::rethrow_exception(no_memory);
}

/// Delivers without the lock; the delivery is counted, since `join` waits for it. Then calls `spin`, if this
/// thread still collects, and returns its result.
template <class Spin>
bool supervisor::deliver_and_spin(locked_delivery& held, const collecting_scope& scope, Spin spin) {
    const bool own = scope.own() != nullptr;
    const bool delivers = collector_.begin_delivering(held.out(), own);
    held.unlock_and_deliver();
    const bool caught = scope.collects() && spin();
    held.lock();
    note_delivered(delivers, own);
    return caught;
}

void supervisor::collect_until(locked_delivery& held, collecting_scope& scope, detail::result_base& result,
                               const detail::deadline& until) {
    auto& out = held.out();
    const auto over = [&] {
        return result.ready() || is_past(until) || is_for_callbacks_to_end(result);
    };
    for (;;) {
        const bool at_once = collector_.take_sleep_at_once();
        collect_what_is_there(out);
        const bool caught = deliver_and_spin(held, scope, [&] {
            return over() || (!at_once && collector_.spin(false, [&] {
                       return result.ready() || collector_.has_responses();
                   }));
        });
        if (!scope.collects())
            return;
        if (collector_.has_left())
            continue;
        if (over())
            return;
        if (caught)
            continue;
        // No outcome comes soon, so work that seemed too short to be taken back is taken back now.
        scheduler_.quiet();
        carry_out(out);
        if (out.has_outcomes())
            continue;
        collector_.sleep_as(channel::sleep::as_collector);
        if (!collector_.has_responses() && result.collector_sleeps()) {
            // An outcome may have come meanwhile; the thread that sets a later one rings.
            if (!over()) {
                held.unlock_and_deliver(); // rings bells
                collector_bell_->wait_until(until);
                held.lock();
            }
            result.collector_woke();
        }
        collector_.sleep_as(channel::sleep::awake);
    }
}

/// Collects until no outcome comes soon, or until a thread waits for its own result and can collect.
void supervisor::collect_for_all(locked_delivery& held, collecting_scope& scope) {
    auto& out = held.out();
    for (;;) {
        collect_what_is_there(out);
        const bool more_to_come = collector_.awaits_workers();
        const bool caught = deliver_and_spin(held, scope, [&] {
            return more_to_come &&
                   collector_.spin(true, [&] { return collector_.wanted() || collector_.has_responses(); });
        });
        if (!scope.collects())
            return;
        if (collector_.has_left() || (caught && !collector_.wanted()))
            continue;
        if (!caught && more_to_come) {
            scheduler_.quiet();
            carry_out(out);
        }
        if (!out.has_outcomes())
            return;
    }
}

/// Whether there is an outcome whose callbacks must first run on the user's executor.
bool supervisor::is_for_callbacks_to_end(const detail::result_base& result) const noexcept {
    return !callbacks_->has_own_thread() && result.has_outcome() && !result.ready();
}

bool supervisor::wait_for_callback(detail::result_base& result, detail::deadline until) {
    return callbacks_->has_own_thread() ? wait(result, until) : callbacks_->await(result, until);
}

detail::deadline supervisor::callbacks_awaited_until() {
    return callbacks_->has_own_thread() ? std::nullopt : detail::deadline(callbacks_->awaited_until());
}

void supervisor::note_delivered(bool did, bool own) noexcept {
    collector_.delivered(did, own);
    if (did && closed_)
        started_or_ended_.notify_all();
}

void supervisor::wake_collector() noexcept {
    if (home().is_elsewhere())
        return;
    bell_set_ptr kept; // the collector may see the result, and end, before this thread rings
    {
        const lock held(mutex_);
        kept = bells_;
    }
    if (kept)
        collector_bell_->ring();
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Which thread waits for results, and how. See supervisor.hpp, "Collecting".

#include "pool/supervisor.hpp"

#include "os/cpu_relax.hpp"
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

/// Is there something to drain? Nobody waits for what still comes once the pool is terminated.
bool supervisor::anything() const noexcept {
    return left_for_collector_.load(std::memory_order_relaxed) ||
           (!terminated_.load(std::memory_order_relaxed) && links_.peek());
}

/// For the thread that collects: all that is there. Workers that have something to do again are given it.
void supervisor::collect_what_is_there(delivery& out) {
    take_outbox(out);
    drain(out);
}

void supervisor::take_outbox(delivery& out) {
    if (!left_for_collector_.load(std::memory_order_relaxed))
        return;
    out.take_outcomes(outbox_);
    left_for_collector_.store(false, std::memory_order_relaxed);
    if (closed_)
        started_or_ended_.notify_all(); // for await_own_collectors
}

/// Leaves the outcomes in `out` to the thread that collects, which hands them over after earlier
/// ones: they are decoded by the user's code, for which this thread may not wait. Failures do not wait for
/// a codec that is at work just now.
void supervisor::leave_outcomes(delivery& out) noexcept {
    if (!out.has_outcomes() || resources_freed_)
        return;
    try {
        if (handing_over_ != 0)
            outbox_.take_what_is_to_be_decoded(out);
        else
            outbox_.take_outcomes(out);
    } catch (const std::exception&) {
        return; // no memory to leave them: they are handed over where `out` ends, sooner than others
    }
    if (!outbox_.has_outcomes())
        return;
    left_for_collector_.store(true, std::memory_order_relaxed);
    if (!collecting_)
        ring_own_collector(out);
    else if (sleep_ == channel::sleep::as_collector)
        out.add_ring(*bells_, *collector_bell_);
}

/// Reads all that the workers have published, and gives them more.
/// Errors: throws std::bad_alloc; then what was read is in `out`, and the rest is still there.
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
        orders_.give().act_later = true;
        throw;
    }
    act(out);
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

void supervisor::sleep_as(channel::sleep how) noexcept {
    sleep_ = how;
    late_items_.forget_check();
    for (auto* link : links_) {
        if (how == channel::sleep::awake)
            link->parent_woke();
        else
            link->parent_sleeps(how);
    }
}

/// Does this thread collect, or did it before a codec that it runs began to wait?
bool supervisor::collects_here() const noexcept {
    return collecting_scope::exists_for(*this);
}

void supervisor::begin_collecting() noexcept {
    collecting_ = true;
    collector_gone_.store(false, std::memory_order_relaxed);
    if (sleep_ != channel::sleep::awake)
        sleep_as(channel::sleep::awake);
}

/// Leaves collecting to the pool's own thread.
void supervisor::stop_collecting(collecting_scope& scope, delivery& out) noexcept {
    scope.stop();
    collecting_ = false;
    out.release_later(retired_);
    collector_gone_.store(true, std::memory_order_release);
    if (left_for_collector_.load(std::memory_order_relaxed))
        ring_own_collector(out);
    arm_pool_bell(out);
    free_resources_if_unused();
}

/// Results, or room for what no worker has been given yet.
bool supervisor::awaits_workers() const noexcept {
    return !scheduler_.idle() || starts_.any_initializing();
}

/// If outcomes or room are to come and no thread collects or will be woken: workers ring for the pool's own
/// thread from now on.
void supervisor::arm_pool_bell(delivery& out) noexcept {
    if (collecting_ || sleep_ != channel::sleep::awake || !awaits_workers())
        return;
    sleep_as(channel::sleep::on_doorbell);
    if (anything())
        ring_own_collector(out);
    // The collecting thread may have left for a waiting thread that parked meanwhile: then the clock must
    // trigger the check of held-back work.
    if (scheduler_.holds_back())
        plan_check_of_held_back();
}

bool supervisor::wait(detail::result_base& result, detail::deadline until) {
    home().require_here();
    const bool in_codec = delivery::any_suspended();
    if (in_codec && !result.ready()) {
        give_way(result);
        delivery rings;
        const lock held(mutex_);
        arm_pool_bell(rings); // it may have been submitted as if this thread were to collect
    }
    while (!result.ready()) {
        if (is_for_callbacks_to_end(result))
            return await_callbacks(result, until);
        lock held(mutex_);
        if (in_codec || resources_freed_) { // other threads collect, or codecs and callbacks remain to run
            held.unlock();
            if (is_past(until))
                return result.ready();
            result.park(until);
            continue;
        }
        if (!collecting_) {
            collect(held, result, until);
            if (is_past(until) && !is_for_callbacks_to_end(result))
                return result.ready();
            continue;
        }
        held.unlock();
        // Another thread collects. The pool's own gives way; one that waits for its own result does not, and
        // will wake this thread or leave collecting to a thread that will.
        want_to_collect_.fetch_add(1, std::memory_order_relaxed);
        for (int turn = 0; turn != 200 && !result.ready() && !collector_gone_.load(std::memory_order_acquire);
             ++turn)
            os::cpu_relax();
        want_to_collect_.fetch_sub(1, std::memory_order_relaxed);
        if (collector_gone_.load(std::memory_order_acquire))
            continue;
        if (is_past(until))
            return result.ready();
        result.park(until);
    }
    return true;
}

/// Collects until `result` is ready, or the deadline is there, or the thread has given way to others.
/// Errors: throws std::bad_alloc if `result` is not ready then; another thread will collect.
void supervisor::collect(lock& held, detail::result_base& result, const detail::deadline& until) {
    delivery out;
    collecting_scope scope(*this, out);
    begin_collecting();
    std::exception_ptr no_memory;
    try {
        collect_until(held, scope, result, until, out);
    } catch (const std::exception&) { // under the lock: nothing throws without it
        no_memory = std::current_exception();
    }
    if (scope.collects())
        stop_collecting(scope, out);
    const bool hands_over = note_handing_over(out);
    held.unlock();
    out.hand_over();
    if (hands_over) {
        held.lock();
        note_handed_over(hands_over);
        held.unlock();
    }
    if (no_memory && !result.ready())
        std::rethrow_exception(no_memory);
}

void supervisor::collect_until(lock& held, collecting_scope& scope, detail::result_base& result,
                               const detail::deadline& until, delivery& out) {
    const auto over = [&] {
        return result.ready() || is_past(until) || is_for_callbacks_to_end(result);
    };
    for (;;) {
        const bool at_once = std::exchange(sleeps_at_once_, false);
        collect_what_is_there(out);
        const bool hands_over = note_handing_over(out);
        held.unlock();
        out.hand_over();
        const bool caught =
            scope.collects() &&
            (over() || (!at_once && collector_spin_.spin([&] { return result.ready() || anything(); })));
        held.lock();
        note_handed_over(hands_over);
        if (!scope.collects())
            return;
        if (left_for_collector_.load(std::memory_order_relaxed))
            continue;
        if (over())
            return;
        if (caught)
            continue;
        // Nothing comes soon: what looked too short to be worth taking back is not.
        scheduler_.quiet();
        act(out);
        if (out.has_outcomes())
            continue;
        sleep_as(channel::sleep::as_collector);
        if (!anything() && result.collector_sleeps()) {
            if (!over()) { // an outcome may have come meanwhile; the thread that sets a later one rings
                held.unlock();
                out.hand_over(); // bells
                collector_bell_->wait_until(until);
                held.lock();
            }
            result.collector_woke();
        }
        sleep_as(channel::sleep::awake);
    }
}

/// Is there an outcome, for which callbacks are to run on the user's executor first?
bool supervisor::is_for_callbacks_to_end(const detail::result_base& result) const noexcept {
    return !callbacks_->has_own_thread() && result.has_outcome() && !result.ready();
}

/// No value depends on an executor that may have stopped, or is run by the thread that waits: this thread
/// then runs the callbacks, and where they are not taken up, the result is ready before they have run.
bool supervisor::await_callbacks(detail::result_base& result, const detail::deadline& until) {
    while (!result.ready()) {
        callbacks_->run_here([&] { return result.ready(); });
        if (result.ready())
            break;
        const auto awaited_until = callbacks_->awaited_until();
        if (is_past(awaited_until)) {
            result.publish();
            break;
        }
        if (is_past(until))
            return false;
        result.park(awaited_until && (!until || *awaited_until < *until) ? awaited_until : until);
    }
    return true;
}

bool supervisor::wait_for_callback(detail::result_base& result, detail::deadline until) {
    return callbacks_->has_own_thread() ? wait(result, until) : await_callbacks(result, until);
}

detail::deadline supervisor::callbacks_awaited_until() {
    return callbacks_->has_own_thread() ? std::nullopt : callbacks_->awaited_until();
}

/// Under the lock, before outcomes are handed over without it: `join` waits for that.
bool supervisor::note_handing_over(const delivery& out) noexcept {
    handing_over_ += out.has_outcomes();
    return out.has_outcomes();
}

void supervisor::note_handed_over(bool did) noexcept {
    handing_over_ -= did;
    if (did && closed_)
        started_or_ended_.notify_all();
}

void supervisor::wake_collector() noexcept {
    if (home().is_elsewhere())
        return;
    bell_set_ptr kept; // the collector may see the result, and leave, before this thread rings
    {
        const lock held(mutex_);
        kept = bells_;
    }
    if (kept)
        collector_bell_->ring();
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How work is cancelled, and how a pool ends.

#include "delivery/delivery.hpp"
#include "os/fault_point.hpp"
#include "os/waiting.hpp"
#include "pool/collecting_scope.hpp"
#include "pool/supervisor.hpp"

#include <procpool/detail/result/result_state.hpp>
#include <procpool/error.hpp>
#include <procpool/worker_info.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace procpool::pooling {

/// Errors: throws std::bad_alloc; then the items taken back so far have failed, and the others continue.
bool supervisor::cancel_unbegun(const std::function<bool(const scheduling::work&)>& is_wanted,
                                delivery& drained, delivery& out) {
    if (terminated_)
        return false; // no work is left
    bool found = false;
    const auto have_failed = [&](const std::vector<scheduling::work>& gone) {
        for (const auto& work : gone)
            fail_unrun(work, item_cancelled(job_of(work.call), work.first, std::nullopt),
                       counting::ending::cancelled, out);
        found = found || !gone.empty();
    };
    for (std::size_t i = 0; i != links_.size(); ++i) {
        out.make_room_for_failures(links_[i].frames());
        const auto back = links_[i].take_back_if_unclaimed(is_wanted);
        scheduler_.revoked(i, back.what, back.frames);
        have_failed(back.what);
        // The worker may have begun another item meanwhile. It cannot claim more of these items now, so after
        // reading its records, the first item without an outcome is the one that it runs.
        drain(i, drained);
    }
    // Last: items that have just timed out and may be retried are in the backlog.
    out.make_room_for_failures(scheduler_.backlog());
    have_failed(scheduler_.withdrawn(is_wanted));
    return found;
}

bool supervisor::cancel(detail::result_base& result) {
    home().require_here();
    locked_draining held(mutex_);
    auto& out = held.out();
    auto& drained = held.drained();
    drain(drained); // an outcome that has arrived counts
    const auto is_wanted = [&](const scheduling::work& work) {
        return job_of(work.call).owner == &result;
    };
    bool found = false;
    try {
        found = cancel_unbegun(is_wanted, drained, out);
    } catch (const std::bad_alloc&) {
        carry_out(out);
        leave_outcomes(drained);
        throw;
    }
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = links_[i];
        if (const auto running = link.cancel_current(is_wanted)) {
            found = true;
            link.limit().asked(*running, scheduling::time_limit::time::clock::now(),
                               options_.terminate_grace);
            orders_.give(i).stop_item = channel::frame_of(*running);
        }
    }
    if (found) {
        result.set_cancelled();
        late_items_.begin_watching();
    }
    carry_out(out);
    leave_outcomes(drained);
    return found;
}

void supervisor::withdraw(const detail::result_base& owner) noexcept {
    if (home().is_elsewhere())
        return;
    locked_draining held(mutex_);
    auto& out = held.out();
    auto& drained = held.drained();
    try {
        cancel_unbegun([&](const scheduling::work& work) { return job_of(work.call).owner == &owner; },
                       drained, out);
    } catch (const std::bad_alloc&) { // the remaining items run, although no result is wanted
    }
    carry_out(out);
    leave_outcomes(drained);
}

/// Under the lock.
void supervisor::set_closed() noexcept {
    closed_ = true;
    status_.set_phase(terminated_ ? status::phase::terminated : status::phase::closed);
    started_or_ended_.notify_all(); // a thread in resize() stops waiting for workers
}

void supervisor::close() {
    home().require_here();
    locked_delivery held(mutex_);
    auto& out = held.out();
    os::fault_point(os::fault_step::closing);
    set_closed();
    if (streams_ == 0)
        let_workers_end();
    carry_out(out);
}

void supervisor::terminate() noexcept {
    if (home().is_elsewhere())
        return;
    locked_draining held(mutex_);
    auto& out = held.out();
    auto& drained = held.drained();
    if (terminated_)
        return;
    try {
        drain(drained);               // outcomes that have arrived are kept
    } catch (const std::bad_alloc&) { // as far as there is memory
    }
    os::fault_point(os::fault_step::terminating);
    terminated_ = true;
    set_closed();
    scheduler_.terminate();
    for (auto* link : links_) {
        link->trace_current(tracing::outcome::abandoned);
        while (const auto work = link->abandon_one())
            scheduler_.abandoned(*work);
        link->request_exit(out);
    }
    orders_.give().end_workers = true;
    if (scheduler_.ended())
        started_or_ended_.notify_all();
    leave_outcomes(drained);
    fail_abandoned(held);
}

/// Fails as many items at a time as there is room for.
void supervisor::fail_abandoned(locked_draining& held) noexcept {
    auto& out = held.out();
    try {
        out.make_room_for_failures(std::min<std::size_t>(scheduler_.backlog(), 1000));
    } catch (const std::bad_alloc&) { // then a few at a time
    }
    for (;;) {
        bool is_last = false;
        while (!is_last && out.has_room_for_failure()) {
            const auto work = scheduler_.take_abandoned();
            is_last = !work;
            if (work)
                fail_unrun(*work, terminated_error_, counting::ending::abandoned, out);
        }
        if (collector_.has_left())
            leave_outcomes(out); // after values that came before
        if (is_last)
            return;
        const bool delivers = collector_.begin_delivering(out);
        held.unlock_and_deliver();
        held.lock();
        note_delivered(delivers, false);
    }
}

void supervisor::join() {
    home().require_here();
    {
        locked_delivery held(mutex_);
        auto& out = held.out();
        if (!closed_)
            throw std::logic_error("procpool::pool::join: call close() or terminate() first");
        let_workers_end(); // the reader of a stream may be the thread that waits here
        carry_out(out);
    }
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
        // Callbacks run while outcomes are delivered; in the user's code they may wait for this thread.
        if (!in_callback() && !delivery::any_suspended())
            started_or_ended_.wait(held, [&] { return collector_.all_delivered(); });
    }
    join_threads();
    callbacks_->finish();
    if (settings_calls_)
        settings_calls_->finish();
}

void supervisor::start_threads() {
    add_own_collector();
    try {
        thread_ = os::make_service_thread([this] { run(); });
    } catch (...) {
        dismiss_own_collectors();
        own_collectors_.join();
        throw;
    }
}

void supervisor::join_threads() {
    std::unique_lock one_at_a_time(join_mutex_, std::defer_lock);
    if (!delivery::any_suspended())
        one_at_a_time.lock();
    else if (!one_at_a_time.try_lock())
        return; // the thread that joins may wait for this one
    if (!thread_.joinable())
        return;
    loop_->io.stop(); // every process has been reaped: pending handlers do not matter
    thread_.join();
    if (outputs_)
        outputs_->stop(); // callbacks may run later
    end_own_collectors();
    if (trace_)
        trace_->close();
    const lock held(mutex_);
    threads_joined_ = true;
    free_resources_if_unused();
}

void supervisor::shut_down() noexcept {
    if (home().is_elsewhere()) {
        // In a forked copy: the threads and processes belong to the original, and so do the objects that they
        // use, so nothing is destroyed here.
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        return;
    }
    terminate();
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
    }
    join_threads();
    {
        const lock held(mutex_);
        ended_ = true;
        free_resources_if_unused();
    }
    if (callbacks_->has_own_thread())
        callbacks_->finish();
    if (settings_calls_ && settings_calls_->has_own_thread())
        settings_calls_->finish();
}

/// Frees descriptors, mappings and the event loop, once the pool has ended and no thread collects. From then
/// on `carry_out` and orders do nothing, and a waiting thread sleeps until its result is ready. Under the
/// lock.
/// Requires: if `ended_`, every process is gone.
void supervisor::free_resources_if_unused() noexcept {
    if (!ended_ || !threads_joined_ || resources_freed_ || collector_.collecting() || collector_.has_left() ||
        !own_collectors_.all_have_ended())
        return;
    resources_freed_ = true;
    counts_.keep_at(nullptr);
    status_.close();
    processes_.clear();
    collector_.release_retired();
    links_.clear();
    loop_.reset();
    bells_.reset();
    context_ = os::launch_context();
    arguments_.close();
}

/// Under the lock. Requires: every process is gone.
void supervisor::free_kept_arguments() noexcept {
    for (const auto& block : std::exchange(kept_arguments_, {}))
        arguments_.free({block.offset, block.bytes});
}

} // namespace procpool::pooling

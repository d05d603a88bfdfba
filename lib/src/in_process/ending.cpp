// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How work is cancelled, and how a pool without workers ends.

#include "channel/layout.hpp"
#include "in_process/in_process_pool.hpp"

#include <procpool/detail/result/result_state.hpp>
#include <procpool/error.hpp>

#include <new>
#include <stdexcept>
#include <utility>

namespace procpool::in_process {

/// Takes the items of a result that have not begun, and makes room in `out` for their failures.
/// Errors: throws std::bad_alloc; then nothing has changed.
work_queue::pieces in_process_pool::take_unbegun(const detail::result_base& owner, delivery& out) {
    work_queue::pieces found;
    std::size_t cut = 0;
    for (const auto* each = innermost_; each != nullptr; each = each->outer())
        cut += each->owner() == &owner && each->items().anything_left();
    found.resize(cut);
    work_queue::pieces queued;
    queue_.take_if([&](const piece& each) { return each.of->owner == &owner; }, queued);
    try {
        out.make_room_for_failures(queued.size() + cut);
    } catch (...) {
        queue_.add(queued);
        throw;
    }
    auto at = found.begin();
    for (auto* each = innermost_; each != nullptr; each = each->outer()) {
        auto& items = each->items();
        if (each->owner() != &owner || !items.anything_left())
            continue;
        *at = items.what;
        at->first += items.begun;
        at->items = items.end - items.begun;
        items.end = items.begun;
        ++at;
    }
    found.splice(found.end(), queued);
    return found;
}

/// Requires: there is room in `out`.
void in_process_pool::cancel_unbegun(const work_queue::pieces& what, delivery& out) noexcept {
    for (const auto& each : what)
        fail_unrun(each, pooling::item_cancelled(*each.of, each.first, std::nullopt),
                   counting::ending::cancelled, out);
}

bool in_process_pool::cancel(detail::result_base& result) {
    home().require_here();
    refuse_tasks();
    bool found = false;
    std::uint64_t stopped = 0;
    {
        locked_delivery held(mutex_);
        const auto gone = take_unbegun(result, held.out());
        found = !gone.empty();
        for (auto* each = innermost_; each != nullptr; each = each->outer()) {
            const auto& items = each->items();
            if (each->owner() != &result || !items.runs_an_item())
                continue;
            found = true;
            items.what.of->cancelled = true;
            stopped = channel::item_id(items.sequence, items.begun - 1);
        }
        if (found)
            result.set_cancelled();
        cancel_unbegun(gone, held.out());
        changed_.notify_all();
    }
    if (stopped != 0)
        running_item_.request_stop(stopped);
    return found;
}

void in_process_pool::withdraw(const detail::result_base& owner) noexcept {
    if (home().is_elsewhere())
        return;
    locked_delivery held(mutex_);
    try {
        cancel_unbegun(take_unbegun(owner, held.out()), held.out());
    } catch (const std::bad_alloc&) { // the items run, although no result is wanted
    }
    changed_.notify_all();
}

void in_process_pool::close() {
    home().require_here();
    refuse_tasks();
    const lock held(mutex_);
    if (!terminated_)
        status_.set_phase(status::phase::closed);
    closed_ = true;
    may_end_ = may_end_ || streams_ == 0;
    changed_.notify_all();
}

void in_process_pool::end_stream() noexcept {
    if (home().is_elsewhere())
        return;
    const lock held(mutex_);
    --streams_;
    may_end_ = may_end_ || (closed_ && streams_ == 0);
    changed_.notify_all();
}

void in_process_pool::terminate() noexcept {
    if (home().is_elsewhere())
        return;
    {
        locked_delivery held(mutex_);
        if (terminated_)
            return;
        closed_ = true;
        may_end_ = true;
        terminated_ = true;
        status_.set_phase(status::phase::terminated);
        changed_.notify_all();
    }
    for (bool is_last = false; !is_last;) {
        locked_delivery held(mutex_);
        auto& out = held.out();
        while (!queue_.empty() && out.has_room_for_failure()) {
            work_queue::pieces one;
            queue_.take_front(one);
            fail_unrun(one.front(), terminated_error_, counting::ending::abandoned, out);
        }
        for (auto* each = innermost_; each != nullptr && out.has_room_for_failure(); each = each->outer()) {
            auto& items = each->items();
            if (items.abandoned || items.done == items.end)
                continue;
            auto rest = items.what;
            rest.first += items.done;
            rest.items = items.end - items.done;
            if (trace_ && items.runs_an_item())
                trace_->tried(rest.worker, *rest.of, rest.first, 1,
                              {static_cast<std::uint64_t>(in_nanoseconds(items.begun_at)), 0},
                              tracing::outcome::abandoned);
            items.abandoned = true;
            items.end = items.begun;
            fail_unrun(rest, terminated_error_, counting::ending::abandoned, out);
        }
        is_last = out.has_room_for_failure();
    }
    running_item_.request_stop_of_all();
}

/// Whether every item has been run: outcomes may not have been delivered yet.
bool in_process_pool::is_idle() const noexcept {
    bool idle = queue_.empty();
    for (const auto* each = innermost_; each != nullptr; each = each->outer())
        idle = idle && !each->items().runs_an_item() && !each->items().anything_left();
    return idle;
}

void in_process_pool::join() {
    home().require_here();
    refuse_tasks();
    {
        lock held(mutex_);
        if (!closed_)
            throw std::logic_error("procpool::pool::join: call close() or terminate() first");
        may_end_ = true; // the reader of a stream may be the thread that waits here
        changed_.notify_all();
    }
    if (is_own_thread()) { // in a codec: the thread ends later
        lock held(mutex_);
        work_queue::pieces one;
        while (!queue_.empty()) {
            queue_.take_front(one);
            run_piece(one, held);
            one.clear();
        }
    } else if (in_callback() || delivery::any_suspended()) { // a codec in the thread may wait for this thread
        lock held(mutex_);
        changed_.wait(held, [&] { return is_idle(); });
    } else {
        {
            lock held(mutex_);
            changed_.wait(held, [&] { return has_ended_; });
        }
        end_threads();
    }
    callbacks_->finish();
}

/// Waits for the threads, or lets them end when they can, if one of them waits for this one. Each has a
/// reference to the pool.
void in_process_pool::end_threads() noexcept {
    const bool is_waited_for = is_own_thread() || in_callback() || delivery::any_suspended();
    const std::lock_guard one_at_a_time(join_mutex_);
    for (auto* each : {&thread_, &clock_}) {
        if (!each->joinable())
            continue;
        if (is_waited_for)
            each->detach();
        else
            each->join();
    }
    if (trace_ && !is_waited_for) // else the destructor does it
        trace_->close();
}

void in_process_pool::shut_down() noexcept {
    if (home().is_elsewhere()) {
        // In a forked copy: the threads belong to the original, and so do the objects that they use.
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        return;
    }
    terminate();
    end_threads();
    show_no_more();
    if (callbacks_->has_own_thread())
        callbacks_->finish();
}

/// A thread that ends later still counts.
void in_process_pool::show_no_more() noexcept {
    const lock held(mutex_);
    counts_.keep_at(nullptr);
    status_.close();
}

void in_process_pool::resize(std::size_t processes) {
    home().require_here();
    refuse_tasks();
    detail::require_possible(processes);
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    if (tasks_done_.size() < processes)
        tasks_done_.resize(processes);
    size_.store(processes, std::memory_order_relaxed);
    status_.set_processes(processes);
}

} // namespace procpool::in_process

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// What becomes of the items that a pool without workers runs: their begin, their outcomes, and their time limits.

#include "call/retry_counts.hpp"
#include "channel/layout.hpp"
#include "in_process/in_process_pool.hpp"

#include <procpool/detail/task/forked_copy.hpp>

#include <algorithm>
#include <new>

namespace procpool::in_process {

/// A copy that a task has made by fork() must not return from the task: it has no other thread of this
/// process.
void in_process_pool::end_copy() const noexcept {
#if !defined(_WIN32)
    if (home().is_elsewhere())
        detail::end_forked_copy();
#endif
}

bool in_process_pool::begin_item(item_runner& of) {
    end_copy();
    const lock held(mutex_);
    auto& items = of.items();
    if (!items.anything_left())
        return false;
    auto rest = items.what;
    rest.first += items.begun;
    if (!items.goes_first && !queue_.empty() && comes_before(queue_.front(), rest))
        return false;
    const auto now = clock::now();
    if (items.done == items.begun)
        items.begun_at = now;
    running_item_.begin(channel::item_id(items.sequence, items.begun));
    ++items.begun;
    show_running();
    const auto timeout = items.what.of->timeout;
    if (timeout.count() > 0 && timeout < clock::time_point::max() - now) {
        deadline_ = now + timeout;
        clock_changed_.notify_all();
    }
    return true;
}

void in_process_pool::settle(item_runner& of, channel::record_kind kind,
                             std::span<const std::byte> bytes) noexcept {
    end_copy();
    locked_delivery held(mutex_);
    auto& items = of.items();
    deadline_.reset();
    if (items.abandoned)
        return;
    if (items.what.of->cancelled || items.timed_out)
        settle_late(items, held.out());
    else
        settle_in_time(items, kind, bytes, held.out());
    ++items.done;
    show_running();
    items.timed_out = false;
    changed_.notify_all();
}

namespace {

/// The times of the first item without an outcome. A reduction reports its items together: each took an equal part.
counting::item_times next_times(item_runner::account& items) noexcept {
    const auto begun = items.begun_at;
    const auto waiting = std::max<std::uint32_t>(1, items.begun - items.done);
    const auto ran = std::max(item_runner::clock::duration(1), (item_runner::clock::now() - begun) / waiting);
    items.begun_at += ran;
    return {static_cast<std::uint64_t>(items.what.of->submitted_at),
            static_cast<std::uint64_t>(in_nanoseconds(begun)),
            static_cast<std::uint64_t>(std::chrono::nanoseconds(ran).count())};
}

tracing::run_times run_times(const counting::item_times& of) noexcept {
    return {of.begun, of.each};
}

} // namespace

void in_process_pool::settle_in_time(item_runner::account& of, channel::record_kind kind,
                                     std::span<const std::byte> bytes, delivery& out) noexcept {
    auto& job = *of.what.of;
    const auto item = of.what.first + of.done;
    channel::record record;
    record.kind = kind;
    record.items = 1;
    record.payload = bytes;
    pooling::origin here;
    here.pid = pid_;
    bool has_value = kind == channel::record_kind::values;
    try {
        out.add(job, item, record, here);
    } catch (const std::bad_alloc&) {
        out.add_failure(job, item, 1, std::current_exception()); // a delivery has room for one
        has_value = false;
    }
    const auto times = next_times(of);
    if (trace_)
        trace_->ran(of.what.worker, job, item, 1, run_times(times),
                    has_value ? tracing::outcome::succeeded : tracing::outcome::threw);
    if (job.is_hook)
        return;
    counts_.ran(has_value ? counting::ending::succeeded : counting::ending::threw, 1, times);
    counts_.received(bytes.size());
    ++tasks_done_[of.what.worker];
}

/// The item was cancelled, or has timed out.
void in_process_pool::settle_late(item_runner::account& of, delivery& out) noexcept {
    auto& job = *of.what.of;
    const piece late{of.what.of,       of.what.first + of.done, 1,
                     of.what.priority, of.what.submission,      of.what.worker};
    const auto times = next_times(of);
    if (!job.is_hook) {
        counts_.ran_in_vain(1, times);
        ++tasks_done_[of.what.worker];
    }
    if (job.cancelled) {
        if (trace_)
            trace_->ran(of.what.worker, job, late.first, 1, run_times(times), tracing::outcome::cancelled);
        fail(late, pooling::item_cancelled(job, late.first, pid_), counting::ending::cancelled, out);
        return;
    }
    work_queue::pieces again;
    try {
        again.push_back(late);
    } catch (const std::bad_alloc&) { // then it is not run again
    }
    const bool runs_again = !again.empty() && detail::may_retry(job, late.first);
    if (trace_)
        trace_->ran_late(of.what.worker, job, late.first, run_times(times), runs_again);
    if (runs_again) {
        counts_.retried();
        queue_.add(again);
        return;
    }
    out.add_failure_to_save(job, late.first, pooling::item_timed_out(job, late.first, pid_, nullptr, {}),
                            failed_calls_.get(), pid_);
    counts_.ended(counting::ending::timed_out, 1);
}

void in_process_pool::fail_rest(item_runner& of, const std::exception_ptr& why) noexcept {
    end_copy();
    locked_delivery held(mutex_);
    auto& items = of.items();
    deadline_.reset();
    if (items.abandoned || items.done == items.end)
        return;
    auto rest = items.what;
    rest.first += items.done;
    rest.items = items.end - items.done;
    fail_unrun(rest, why, counting::ending::threw, held.out());
    items.done = items.begun = items.end;
    show_running();
}

/// Requires: there is room in `out`.
void in_process_pool::fail(const piece& what, const std::exception_ptr& why, counting::ending how,
                           delivery& out) noexcept {
    out.add_failure(*what.of, what.first, what.items, why);
    if (!what.of->is_hook)
        counts_.ended(how, what.items);
}

/// Likewise, for items that are not run any more.
void in_process_pool::fail_unrun(const piece& what, const std::exception_ptr& why, counting::ending how,
                                 delivery& out) noexcept {
    if (trace_)
        trace_->not_run(*what.of, what.first, what.items,
                        how == counting::ending::threw       ? tracing::outcome::threw
                        : how == counting::ending::cancelled ? tracing::outcome::cancelled
                                                             : tracing::outcome::abandoned);
    fail(what, why, how, out);
}

/// The body of the thread that watches the time limits.
void in_process_pool::watch_clock() noexcept {
    lock held(mutex_);
    while (!has_ended_) {
        if (!deadline_) {
            clock_changed_.wait(held);
            continue;
        }
        if (const auto until = *deadline_; clock::now() < until) {
            clock_changed_.wait_until(held, until);
            continue;
        }
        deadline_.reset();
        if (innermost_ == nullptr || !innermost_->items().runs_an_item())
            continue;
        auto& items = innermost_->items();
        items.timed_out = true;
        const auto late = channel::item_id(items.sequence, items.begun - 1);
        held.unlock();
        running_item_.request_stop(late);
        held.lock();
    }
}

} // namespace procpool::in_process

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool's processes end, and what becomes of their items. All functions run in the io_context's thread, unless
// noted.

#include "pool/supervisor.hpp"

#include "call/retry_counts.hpp"
#include "delivery/delivery.hpp"
#include "os/fault_point.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace procpool::pooling {
namespace {

/// A reduction loses all items that a worker has begun and not reported. One of the last that were claimed
/// together is the culprit.
constexpr std::uint32_t most_saved = 256; // as serving::claimed_items::most

} // namespace

/// The worker at `place` is ending: the order to expect this may not have been carried out yet.
void supervisor::worker_hung_up(std::size_t place) {
    {
        locked_delivery held(mutex_);
        auto& out = held.out();
        try {
            if (finalizers_[place].given && !terminated_)
                drain(place, out); // its outcome may have come
        } catch (...) {
            leave_outcomes(out);
            throw;
        }
        leave_outcomes(out);
    }
    carry_out_orders_for(place);
}

/// A worker has answered a request for a stack.
void supervisor::stack_written() {
    const lock held(mutex_);
    started_or_ended_.notify_all();
}

/// The task of the output that is read now.
worker_streams::task supervisor::what_runs(std::size_t place) const {
    const lock held(mutex_);
    const auto item = links_[place].recorded();
    return item ? worker_streams::task{item->of->task_name(), item->of->range_index(item->item)}
                : worker_streams::task{};
}

/// Errors: throws std::bad_alloc; then only more records were read, and the function can be called again.
void supervisor::worker_ended(std::size_t place, const os::exit_report& how, const std::string& reason) {
    const auto process = processes_[place];
    const auto pid = process->pid();
    const auto end = end_of_worker(how, process->memory()->control().crash);
    auto process_text = "process " + std::to_string(pid);
    if (!process->was_given_up())
        process_text += ' ' + ending_text(end);
    std::shared_ptr<const channel::channel_memory> memory; // unmapped without the lock
    finalizer_at finalizer;                                // likewise destroyed, if it has not run
    locked_delivery held(mutex_);
    auto& out = held.out();
    auto& link = links_[place];
    os::fault_point(os::fault_step::reaped);
    auto left = read_what_is_left(place, pid, end, out);
    // Nothing below can fail.
    if (trace_)
        trace_end(place, *process, process_text, reason);
    link.clear();
    processes_[place] = nullptr;
    orders_.forget(place);
    memory = link.disconnect();
    status_.process_ended(place);
    finalizer = std::exchange(finalizers_[place], {});
    collector_.retire(memory);
    starts_.ended(place, {process_text, reason, !left.lost.empty() || how.on_order}, left.unbegun);
    if (starts_.pool_in_use())
        carry_out(out);
    leave_outcomes(out);
    started_or_ended_.notify_all();
}

/// Reads the results of a dead worker, and settles the items that it had started. Items to be run again are
/// in `unbegun` of the result. Makes room for the caller's next steps. Errors: throws std::bad_alloc; then
/// only results were read.
worker_link::leftovers supervisor::read_what_is_left(std::size_t place, long pid, const worker_end& end,
                                                     delivery& out) {
    auto& link = links_[place];
    scheduler_.make_room(link.late_pieces());
    struct noting {
        supervisor& pool;
        std::size_t place;
        worker_link::progress done{};
        ~noting() { pool.note_progress(place, done); }
    };
    worker_link::leftovers left;
    try {
        if (noting progress{*this, place}; true)
            link.drain_last(out, progress.done);
        left = link.left();
        std::size_t most = 1; // for a hook that has not started
        for (const auto& lost : left.lost)
            most += lost.items;
        out.make_room_for_failures(most);
        left.unbegun.reserve(left.unbegun.size() + most);
        scheduler_.make_room(left.unbegun.size() + most);
        collector_.make_room_to_retire();
    } catch (...) {
        leave_outcomes(out);
        throw;
    }
    // Nothing below can fail, so each retry is counted once.
    for (auto lost = left.lost.rbegin(); lost != left.lost.rend(); ++lost) { // retried items go first
        const bool is_first = lost + 1 == left.lost.rend();
        settle_lost(*lost, left.timed_out && is_first,
                    {place, pid, end, link.printed().get(), link.current_stopped_at(),
                     is_first ? static_cast<std::uint64_t>(link.current_began()) : 0},
                    left.unbegun, out);
    }
    if (!left.unbegun.empty() && job_of(left.unbegun.front().call).is_hook) {
        // An initializer or finalizer belongs to its process, and is not run in another one.
        out.add_failure(job_of(left.unbegun.front().call), 0, 1, nullptr);
        left.unbegun.clear();
    }
    return left;
}

/// Settles items that a worker had started when it ended: they fail, unless they may be retried.
/// Requires: there is room in `again` and in `out`.
void supervisor::settle_lost(const scheduling::work& lost, bool timed_out, const dead_worker& worker,
                             std::vector<scheduling::work>& again, delivery& out) {
    const auto& [place, pid, end, printed, stopped_at, began] = worker;
    auto& job = job_of(lost.call);
    for (auto item = lost.first; item != lost.first + lost.items; ++item) {
        const tracing::run_times when{item == lost.first ? began : 0, 0};
        const auto ran = [&, at = place](tracing::outcome how) {
            if (trace_)
                trace_->ran(at, job, item, 1, when, how);
        };
        if (job.cancelled) {
            ran(tracing::outcome::cancelled);
            fail(lost.part(item, 1), item_cancelled(job, item, pid, stopped_at), counting::ending::cancelled,
                 out);
        } else if (detail::may_retry(job, item)) {
            if (trace_)
                trace_->tried(place, job, item, 1, when,
                              timed_out ? tracing::outcome::timed_out : tracing::outcome::lost);
            again.insert(again.begin(), lost.part(item, 1));
            counts_.retried();
        } else if (timed_out) {
            ran(tracing::outcome::timed_out);
            fail_and_save(lost.part(item, 1), item_timed_out(job, item, pid, printed, stopped_at),
                          counting::ending::timed_out, pid, out);
        } else if (lost.first + lost.items - item <= most_saved) {
            ran(tracing::outcome::lost);
            fail_and_save(lost.part(item, 1), item_lost(job, item, pid, end, printed), counting::ending::lost,
                          pid, out);
        } else {
            ran(tracing::outcome::lost);
            fail(lost.part(item, 1), item_lost(job, item, pid, end, printed), counting::ending::lost, out);
        }
    }
}

/// As `fail`, for one item. An initializer or a finalizer is no call, and is not saved.
void supervisor::fail_and_save(const scheduling::work& what, const std::exception_ptr& why,
                               counting::ending how, long pid, delivery& out) noexcept {
    auto& job = job_of(what.call);
    if (job.is_hook || !failed_calls_) {
        fail(what, why, how, out);
        return;
    }
    out.add_failure_to_save(job, what.first, why, failed_calls_.get(), pid);
    counts_.ended(how, 1);
}

/// Under the lock. `how`: which process, and how it ended; `why_not_ready`: empty if it was ready.
void supervisor::trace_end(std::size_t place, const worker_process& process, std::string_view how,
                           std::string_view why_not_ready) noexcept {
    using kind = tracing::worker_event::kind;
    const bool is_replaced = options_.max_tasks_per_worker && !workers_may_end_ && !terminated_ &&
                             scheduler_.worker_at(place) < size();
    if (!why_not_ready.empty())
        trace_->worker(kind::failed, place, process.pid(), why_not_ready);
    else if (!process.end_expected() && !terminated_)
        trace_->worker(kind::lost, place, process.pid(), how);
    else
        trace_->worker(is_replaced ? kind::recycled : kind::ended, place, process.pid(), how);
}

/// Abandons everything: asks the workers to exit, and kills the workers that still run after the grace
/// period.
void supervisor::end_workers() {
    for (const auto& process : processes_)
        if (process)
            process->request({serving::parent_request::kind::end, 0, 0});
    os::fault_point(os::fault_step::ending_workers);
    loop_->end_timer.expires_after(options_.terminate_grace);
    loop_->end_timer.async_wait([this](boost::system::error_code error) {
        if (!error)
            kill_all();
    });
    const lock held(mutex_);
    for (std::size_t place = 0; place != links_.size();
         ++place) // all other tables have at least as many places
        forget_settings(place);
    orders_.given().end_workers = false;
}

void supervisor::kill_all() noexcept {
    for (const auto& process : processes_)
        if (process)
            process->kill();
}

} // namespace procpool::pooling

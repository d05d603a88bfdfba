// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The starts and ends of a pool's processes. All functions run in the io_context's thread, unless noted.

#include "pool/supervisor.hpp"

#include "call/retry_counts.hpp"
#include "delivery/delivery.hpp"
#include "error/failure_texts.hpp"
#include "lifecycle/worker_starts.hpp"
#include "os/fault_point.hpp"

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace procpool::pooling {
namespace {

/// A reduction loses all items that a worker has begun and not reported. One of the last that were claimed
/// together is the culprit.
constexpr std::uint32_t most_saved = 256; // as serving::claimed_items::most

} // namespace

void supervisor::start_worker(std::size_t place) {
    serving::start_message message{};
    settings_answer settings;
    bool asks = false;
    const worker_link* link = nullptr; // does not move, even if the table grows
    {
        const lock held(mutex_);
        if (terminated_ || !starts_.is_needed(place)) {
            settings_.forget(place);
            starts_.not_needed(place);
            started_or_ended_.notify_all();
            return;
        }
        asks = options_.settings_for && !settings_.there(place);
        if (options_.settings_for && !asks)
            settings = settings_.collect(place);
        message.index = scheduler_.worker_at(place);
        message.max_spin_turns = channel::max_worker_spin_turns(cpus_);
        message.memory_limit_bytes = options_.worker_memory_limit.value_or(0);
        message.seed = options_.seed;
        message.file_mask = context_.file_mask.value_or(serving::start_message::own_file_mask);
        link = &links_[place];
    }
    try {
        if (asks) {
            ask_for_settings(place);
            return;
        }
        if (!settings.failure.empty()) {
            worker_not_started(place, settings.failure);
            return;
        }
        if (processes_.size() <= place)
            processes_.resize(place + 1);
        for (const auto& library : options_.libraries)
            message.libraries.push_back(detail::in_utf8(library));
        {
            const lock held(mutex_);
            message.generation = starts_.next_generation(message.index);
        }
        processes_[place] = worker_process::start(
            loop_->io, message,
            {context_, settings.settings, arguments_, link->bell(), *pool_bell_, *collector_bell_, outputs_,
             [this, place] {
                 return what_runs(place);
             }},
            options_.start_timeout,
            {[this, place] { worker_connected(place); }, [this, place] { worker_hung_up(place); },
             [this, place](const os::exit_report& how, const std::string& reason) {
                 worker_ended(place, how, reason);
             },
             [this] {
                 stack_written();
             }});
        if (message.generation != 0) {
            const lock held(mutex_);
            counts_.restarted();
        }
    } catch (const std::bad_alloc&) {
        worker_not_started(place, "no memory");
    } catch (const std::exception& why) {
        worker_not_started(place, why.what());
    }
}

void supervisor::worker_connected(std::size_t place) {
    const auto process = processes_[place];
    if (options_.finalizer)
        callbacks_->prepare(); // for what it throws
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (terminated_) {
        process->kill();
        return;
    }
    auto& link = links_[place];
    link.connect(process->memory(), process->pid(), 0, process->generation());
    status_.process_connected(place, scheduler_.worker_at(place), process->pid(), process->generation(),
                              process->memory()->memory().handle());
    link.keep_failed_calls_in(failed_calls_.get());
    link.set_printed(process->printed());
    link.parent_sleeps(collector_.sleep());
    if (trace_)
        trace_->worker(tracing::worker_event::kind::started, place, process->pid());
    try {
        make_finalizer(place);
        if (options_.initializer)
            give_initializer(place);
    } catch (const std::bad_alloc&) {
        process->fail_start("there is no memory for its initializer or finalizer");
        return;
    }
    if (!options_.initializer) {
        worker_ready(place, *process, out);
        return;
    }
    carry_out(out);
    leave_outcomes(out);
}

/// Errors: throws std::bad_alloc.
void supervisor::give_initializer(std::size_t place) {
    auto* const run =
        new hook_run(*this, options_.initializer->call(),
                     [this, place, ended_before = starts_.ended_at(place)](const std::exception_ptr& why) {
                         initializer_ended(place, ended_before, why);
                     });
    run->task = initializer_task_;
    links_[place].give({call_of(*run), 0, 1}); // an empty ring has room
    starts_.hook_given();
}

/// Makes the finalizer's run when the worker starts: when the worker ends, there may be no memory. None is made for
/// a process that is not needed any more, since it would be killed in the middle of it.
/// Errors: throws std::bad_alloc.
void supervisor::make_finalizer(std::size_t place) {
    if (!options_.finalizer || scheduler_.stopping(place))
        return;
    auto report = std::make_shared<finalizer_report>();
    auto run = std::make_unique<hook_run>(
        *this, options_.finalizer->call(),
        [this, report](const std::exception_ptr& why) { finalizer_ended(why, *report); });
    run->limit(options_.task_timeout, 0, 0);
    run->task = finalizer_task_;
    finalizers_[place] = {std::move(run)};
}

/// The worker at `place` has no items: gives it the finalizer, and asks it to exit after that. Under the lock.
void supervisor::dismiss(std::size_t place, delivery& out) noexcept {
    if (!give_finalizer(place)) {
        scheduler_.stop_refused(place);
        return;
    }
    status_.set_state(place, status::row_state::ending);
    if (!finalizers_[place].given) // else this is ordered when it has its outcome
        orders_.give(place).expect_end = true;
    links_[place].request_exit(out);
}

/// A worker that is going to be killed gets none. False: there is no room for it now.
bool supervisor::give_finalizer(std::size_t place) noexcept {
    auto& finalizer = finalizers_[place];
    auto& link = links_[place];
    if (!finalizer.run || finalizer.skipped || link.marked_for_kill())
        return true;
    if (!link.give({call_of(*finalizer.run), 0, 1})) {
        if (link.damaged())
            orders_.give(place).kill = true;
        return link.damaged();
    }
    if (finalizer.run->timeout.count() > 0)
        late_items_.begin_watching();
    starts_.hook_given();
    static_cast<void>(finalizer.run.release()); // the link has it
    finalizer.given = true;
    return true;
}

/// Any thread, without the lock. What it threw is reported where callbacks run: the function of set_unhandled may
/// use the pool.
void supervisor::finalizer_ended(const std::exception_ptr& why, finalizer_report& report) noexcept {
    {
        const lock held(mutex_);
        starts_.finalizer_ended();
    }
    if (!why || why == terminated_error_)
        return;
    *report.why = why;
    callbacks_->post(report.callback);
}

/// Any thread, without the lock.
void supervisor::initializer_ended(std::size_t place, std::uint64_t ended_before,
                                   const std::exception_ptr& why) noexcept {
    const lock held(mutex_);
    starts_.initializer_ended(place, ended_before, why);
}

void supervisor::worker_initialized(std::size_t place, const std::exception_ptr& why) noexcept {
    const auto process = processes_[place];
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (terminated_ || !process || process->was_given_up()) // too late: the process is being killed
        return;
    if (why)
        process->fail_start(detail::initializer_failed_text(why));
    else
        worker_ready(place, *process, out);
}

/// Under the lock.
void supervisor::worker_ready(std::size_t place, worker_process& process, delivery& out) noexcept {
    process.finish_start();
    starts_.ready(place);
    status_.set_state(place, status::row_state::ready);
    carry_out(out);
    leave_outcomes(out);
    started_or_ended_.notify_all();
}

void supervisor::worker_not_started(std::size_t place, std::string_view why) noexcept {
    locked_delivery held(mutex_);
    auto& out = held.out();
    starts_.failed(place, why);
    if (starts_.pool_in_use())
        carry_out(out);
    leave_outcomes(out);
    started_or_ended_.notify_all();
}

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

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool's processes start, and what they run first and last. All functions run in the io_context's thread, unless noted.

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

} // namespace procpool::pooling

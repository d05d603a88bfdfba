// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/supervisor.hpp"

#include "delivery/delivery.hpp"
#include "os/fault_point.hpp"
#include "os/self.hpp"
#include "pool/collecting_scope.hpp"

#include <procpool/detail/result/result_state.hpp>
#include <procpool/error.hpp>

#include <boost/asio/system_executor.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <utility>

namespace procpool::pooling {

using scheduling::action_kind;

namespace {

/// The worker to which an item of a pinned job is pinned.
std::uint32_t worker_of(const detail::job& job, std::uint32_t item) noexcept {
    return job.pinned == detail::pinning::each_worker ? item : job.worker;
}

} // namespace

detail::pool_core_ptr supervisor::start(const pool_options& options) {
    try {
        const boost::intrusive_ptr<supervisor> made(new supervisor(options));
        made->wait_until_started();
        return made;
    } catch (const error&) {
        throw;
    } catch (const std::exception& why) { // no descriptor, memory or thread
        throw start_failed(std::string("The pool could not be started: ") + why.what());
    }
}

supervisor::supervisor(const pool_options& options)
    : options_(options)
    , context_(os::launch_context::now())
    , cpus_(os::usable_cpus())
    , processes_wanted_(options.processes)
    , callbacks_(std::make_shared<callback_queue>(options.executor, os::own_signal_mask()))
    , settings_calls_(options.settings_for
                          ? std::make_shared<callback_queue>(options.executor, os::own_signal_mask())
                          : nullptr)
    , outputs_(options.on_output ? std::make_shared<worker_outputs>(options.on_output, callbacks_,
                                                                    [this] {
                                                                        const lock held(mutex_);
                                                                        orders_.give().read_output = true;
                                                                    })
                                 : nullptr)
    , terminated_error_(std::make_exception_ptr(pool_terminated()))
    , failed_calls_(saved_calls::call_folder::of(options))
    , trace_(tracing::recorder::of(
          options.trace, options.max_tasks_per_worker ? 2 : 1,
          [to = callbacks_](std::function<void()> callback) { to->post(std::move(callback)); }))
    , scheduler_(options.processes, options.max_tasks_per_worker, os::usable_cpus())
    , signal_mask_(os::own_signal_mask())
    , pool_bell_(&bells_->add())
    , collector_bell_(&bells_->add())
    , processes_(scheduler_.places()) {
    while_made_.reset();
    if (options.min_processes) {
        scheduler_.set_minimum(*options.min_processes);
        idle_times_.emplace(options.idle_timeout).grow_to(scheduler_.places());
    }
    links_.grow_to(scheduler_.places());
    orders_.grow_to(scheduler_.places());
    starts_.grow_to(scheduler_.places());
    finalizers_.resize(scheduler_.places());
    settings_.grow_to(scheduler_.places());
    show_status();
    start_threads();
}

/// For procpool-top.
void supervisor::show_status() noexcept {
    status_.open({options_.processes, options_.min_processes, false, initializer_task_, finalizer_task_});
    counts_.keep_at(status_.counts());
    status_.grow_to(scheduler_.places(), scheduler_.places_of(1));
    if (options_.initializer)
        status_.note_task(initializer_task_, [&] { return options_.initializer->call().task_name; });
    if (options_.finalizer)
        status_.note_task(finalizer_task_, [&] { return options_.finalizer->call().task_name; });
}

supervisor::~supervisor() = default;

void supervisor::wait_until_started() {
    {
        locked_delivery held(mutex_);
        auto& out = held.out();
        carry_out(out, false);
        const auto over = [&] {
            return starts_.first_start_is_over(options_.min_processes.value_or(options_.processes));
        };
        wait_for_starts(held, 0, std::ref(over));
        if (starts_.finish_first_start())
            return;
    }
    shut_down();
    throw start_failed(starts_.failure());
}

void supervisor::require_open() const {
    home().require_here();
    if (closed_)
        throw pool_closed();
}

void supervisor::submit(std::span<detail::job* const> jobs, bool caller_waits) {
    home().require_here();
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (closed_)
        throw pool_closed();
    find_tasks(jobs);
    make_room_for(jobs); // the last step that can fail
    enqueue(jobs);
    carry_out(out, caller_waits);
    collector_.sleep_at_once(caller_waits && out.has_bells());
}

void supervisor::begin_stream() {
    home().require_here();
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    ++streams_;
}

void supervisor::submit_more(std::span<detail::job* const> jobs, bool caller_waits) {
    home().require_here();
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (!jobs.empty() && terminated_)
        throw pool_terminated();
    if (!jobs.empty() && workers_may_end_)
        throw pool_closed("The pool was joined before the stream had pulled all of its input.");
    find_tasks(jobs);
    make_room_for(jobs); // the last step that can fail
    enqueue(jobs);
    carry_out(out, caller_waits);
}

void supervisor::end_stream() noexcept {
    if (home().is_elsewhere())
        return;
    locked_delivery held(mutex_);
    auto& out = held.out();
    --streams_;
    if (closed_ && streams_ == 0)
        let_workers_end();
    carry_out(out);
}

void supervisor::let_workers_end() {
    workers_may_end_ = true;
    scheduler_.close();
}

/// Errors: throws codec_error if workers cannot find a task.
void supervisor::find_tasks(std::span<detail::job* const> jobs) {
    for (auto* job : jobs) {
        job->task = tasks_.id_of(job->run);
        status_.note_task(job->task, [job] { return job->task_name(); });
    }
}

void supervisor::make_room_for(std::span<detail::job* const> jobs) {
    scheduler_.make_room(jobs.size());
    for (const auto* job : jobs)
        for (std::uint32_t item = 0; job->pinned != detail::pinning::none && item != job->items; ++item)
            scheduler_.make_room_for_pinned(worker_of(*job, item));
}

/// Requires: `make_room_for` was called for these jobs.
void supervisor::enqueue(std::span<detail::job* const> jobs) noexcept {
    const auto now = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
    for (auto* job : jobs) {
        job->submitted_at = now;
        job->unsettled.store(job->items, std::memory_order_relaxed);
        counts_.submitted(job->items, job->arguments.size());
        if (job->timeout.count() <= 0 && options_.task_timeout)
            job->timeout = *options_.task_timeout;
        if (job->timeout.count() > 0)
            late_items_.begin_watching();
        if (!job->is_of_range)
            job->index_base = single_calls_++;
        if (trace_) [[unlikely]]
            job->submitted_at = trace_->submitted(*job, now);
        if (job->pinned == detail::pinning::none)
            scheduler_.submitted({call_of(*job), 0, job->items, scheduling::any_worker, job->priority});
        else
            for (std::uint32_t item = 0; item != job->items; ++item)
                scheduler_.submitted({call_of(*job), item, 1, worker_of(*job, item), job->priority, 0,
                                      job->pinned == detail::pinning::each_worker});
    }
}

/// Carries out the scheduler's decisions until none is left. A decision for which there is no memory is left
/// to the io_context's thread. `caller_collects`: the caller collects at once, so no other thread need be
/// woken for results.
void supervisor::carry_out(delivery& out, bool caller_collects) noexcept {
    if (resources_freed_)
        return;
    try {
        carry_out_all(out, caller_collects);
    } catch (const std::exception&) {
        orders_.give().carry_out_later = true;
    }
}

void supervisor::carry_out_all(delivery& out, bool caller_collects) {
    for (;;) {
        if (!out.has_room_for_failure())
            out.make_room_for_failures(1);
        const auto next = scheduler_.next();
        if (next.kind != action_kind::none) {
            carry_out_one(next, out);
            continue;
        }
        if (late_items_.watching() && late_items_.watch(links_, late_items::time::clock::now()))
            continue;
        if (idle_times_ && watch_idle())
            continue;
        bool watches_room = false;
        bool has_room = false;
        for (std::size_t i = 0; i != links_.size(); ++i) {
            links_[i].wake_if_given(out);
            if (!scheduler_.is_full_of_nothing(i))
                continue;
            if (links_[i].watch_room()) {
                scheduler_.may_have_room(i);
                has_room = true;
            } else {
                watches_room = true;
            }
        }
        if (has_room)
            continue;
        if (!caller_collects)
            arm_own_bell(out);
        // A worker may have reported room before it was watched, which the sleeping thread has not seen.
        if (watches_room && collector_.asleep() && collector_.has_responses())
            ring(collector_.sleeper(), out);
        if (collector_.asleep() && scheduler_.holds_back())
            plan_check_of_held_back();
        if (scheduler_.ended())
            started_or_ended_.notify_all();
        return;
    }
}

void supervisor::carry_out_one(const scheduling::action& what, delivery& out) {
    auto& link = links_[what.place];
    switch (what.kind) {
    case action_kind::give:
        if (!link.give(what.what)) {
            scheduler_.refused(what.place, what.what);
            if (link.damaged())
                orders_.give(what.place).kill = true;
        }
        break;
    case action_kind::take_back: {
        scheduler_.make_room(link.frames()); // a part of each frame may come back
        const auto back = link.take_back(what.items, what.priority);
        scheduler_.reclaimed(what.place, back.what, back.frames);
        if (back.what.empty())
            ask_for_claimed(what.place);
        break;
    }
    case action_kind::take_lower: {
        scheduler_.make_room(link.frames());
        const auto back = link.take_back_if_unclaimed(
            [&](const scheduling::work& each) { return each.priority < what.priority; });
        scheduler_.lower_taken(what.place, what.priority, back.what, back.frames);
        if (link.current_is_lower(what.priority))
            ask_for_claimed(what.place);
        break;
    }
    case action_kind::start:
        orders_.give(what.place).start = true;
        break;
    case action_kind::stop:
        os::fault_point(os::fault_step::dismissing);
        dismiss(what.place, out);
        break;
    case action_kind::abandon:
        finalizers_[what.place].skipped = true;
        orders_.give(what.place).abandon = true;
        break;
    case action_kind::give_up:
        try {
            fail_unrun(what.what, std::make_exception_ptr(start_failed(starts_.failure())),
                       counting::ending::abandoned, out);
        } catch (...) {
            fail_unrun(what.what, std::current_exception(), counting::ending::abandoned, out);
        }
        break;
    case action_kind::none:
        break;
    }
}

void supervisor::plan_check_of_held_back() noexcept {
    if (!late_items_.check_planned())
        late_items_.plan_check(late_items::time::clock::now());
}

/// Returns whether the scheduler may end a worker that has been idle for too long.
bool supervisor::watch_idle() noexcept {
    const bool reported = idle_times_->look(scheduler_, late_items::time::clock::now());
    if (const auto& when = idle_times_->next_look())
        late_items_.look_by(*when);
    return reported;
}

/// Asks a worker for items that it has claimed and not started, and that others could run, or that must let
/// others go first.
void supervisor::ask_for_claimed(std::size_t place) noexcept {
    const auto frame = links_[place].watch_claims();
    if (!frame)
        return;
    auto& order = orders_.give(place);
    order.give_back = true;
    order.give_back_frame = *frame;
}

void supervisor::note_progress(std::size_t place, const worker_link::progress& done) noexcept {
    if (done.items != 0 || done.frames != 0) {
        scheduler_.finished(place, done.frames, done.items, done.nanoseconds);
        status_.add_done(place, done.items);
    }
    for (auto it = done.again.rbegin(); it != done.again.rend(); ++it)
        scheduler_.resubmitted(*it);
    if (done.hook && finalizers_[place].given)
        orders_.give(place).expect_end = true;
}

/// Requires: there is room in `out`.
void supervisor::fail(const scheduling::work& what, const std::exception_ptr& why, counting::ending how,
                      delivery& out) noexcept {
    auto& job = job_of(what.call);
    out.add_failure(job, what.first, what.items, why);
    if (!job.is_hook)
        counts_.ended(how, what.items);
}

/// Likewise, for items that no worker runs any more.
void supervisor::fail_unrun(const scheduling::work& what, const std::exception_ptr& why, counting::ending how,
                            delivery& out) noexcept {
    if (trace_) [[unlikely]]
        trace_->not_run(job_of(what.call), what.first, what.items,
                        how == counting::ending::cancelled ? tracing::outcome::cancelled
                                                           : tracing::outcome::abandoned);
    fail(what, why, how, out);
}

void supervisor::run_callback(std::function<void()> callback) {
    callbacks_->post(std::move(callback));
}

boost::asio::any_io_executor supervisor::callback_executor() {
    home().require_here();
    // Callbacks are called in the right thread already, and the system executor runs dispatched functions in
    // place.
    return options_.executor.value_or(boost::asio::system_executor());
}

detail::argument_block supervisor::allocate_arguments(std::uint64_t bytes) {
    home().require_here();
    if (!terminated_) {
        try {
            const auto got = arguments_.allocate(bytes);
            return {arguments_.data(got), got.offset, got.bytes};
        } catch (const std::bad_alloc&) {
            if (!terminated_)
                throw;
        }
    }
    // No worker will read these bytes: a stream encodes its input before it learns that the pool was
    // terminated. Offset 0 marks them, since no block of the argument memory has that offset.
    return {new std::byte[static_cast<std::size_t>(bytes)], 0, bytes};
}

void supervisor::free_arguments(const detail::argument_block& block) noexcept {
    if (block.offset == 0) {
        delete[] block.data;
        return;
    }
    if (home().is_elsewhere())
        return;
    if (terminated_) {
        // A task that ends later may still read them.
        const lock held(mutex_);
        if (!scheduler_.ended()) {
            try {
                kept_arguments_.push_back(block);
            } catch (const std::bad_alloc&) { // then they are freed with the pool
                arguments_.leave({block.offset, block.bytes});
            }
            return;
        }
    }
    arguments_.free({block.offset, block.bytes});
}

} // namespace procpool::pooling

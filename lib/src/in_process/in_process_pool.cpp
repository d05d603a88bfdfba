// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "in_process/in_process_pool.hpp"

#include "call/retry_counts.hpp"
#include "channel/layout.hpp"
#include "error/failure_texts.hpp"
#include "os/modules.hpp"
#include "os/self.hpp"

#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/detail/task/forked_copy.hpp>
#include <procpool/error.hpp>
#include <procpool/pool_stats.hpp>
#include <procpool/worker_info.hpp>

#include <boost/asio/system_executor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace procpool::in_process {
namespace {

constexpr std::align_val_t argument_alignment{64};

} // namespace

bool environment_wants_it() {
    const auto value = os::environment(in_process_variable);
    return value && !value->empty() && *value != "0";
}

// The start and the thread.

detail::pool_core_ptr in_process_pool::start(const pool_options& options) {
    try {
        const boost::intrusive_ptr<in_process_pool> made(new in_process_pool(options));
        try {
            made->initialize();
        } catch (...) {
            made->shut_down();
            throw;
        }
        return made;
    } catch (const error&) {
        throw;
    } catch (const std::exception& why) { // no memory, or no thread
        throw start_failed(std::string("The pool could not be started: ") + why.what());
    }
}

in_process_pool::in_process_pool(const pool_options& options)
    : options_(options)
    , pid_(os::current_pid())
    , size_(options.processes)
    , callbacks_(std::make_shared<pooling::callback_queue>(options.executor, os::own_signal_mask()))
    , terminated_error_(std::make_exception_ptr(pool_terminated()))
    , failed_calls_(saved_calls::call_folder::of(options))
    , trace_(tracing::recorder::of(
          options.trace, 1,
          [to = callbacks_](std::function<void()> callback) { to->post(std::move(callback)); }))
    , signal_mask_(os::own_signal_mask())
    , tasks_done_(options.processes) {
    status_.open({options_.processes, std::nullopt, true, 0, 0});
    counts_.keep_at(status_.counts());
}

namespace {

/// Identifies the task, for procpool-top: there are no modules here.
std::uint64_t id_of(const detail::job& job) noexcept {
    return reinterpret_cast<std::uintptr_t>(job.run);
}

} // namespace

/// For procpool-top: shows the item that runs now.
void in_process_pool::show_running() noexcept {
    const auto* const runs = running();
    if (runs == nullptr)
        status_.runs(0, 0, 0);
    else
        status_.runs(id_of(*runs->items().what.of), runs->items().what.worker,
                     in_nanoseconds(runs->items().begun_at));
}

/// Starts the thread, and does what a worker does before its first task.
void in_process_pool::initialize() {
    thread_ = os::make_service_thread([self = detail::pool_core_ptr(this), this] { run(); });
    try {
        for (const auto& library : options_.libraries)
            os::load_library(detail::in_utf8(library));
    } catch (const std::exception& why) {
        throw start_failed(detail::start_failed_text(0, why.what()));
    }
    if (options_.initializer)
        run_initializer();
    if (options_.finalizer)
        make_finalizer();
}

void in_process_pool::run_initializer() {
    const boost::intrusive_ptr<detail::bound_run<void>> run(
        new detail::bound_run<void>(*this, options_.initializer->call()));
    run->is_hook = true;
    run->submit_to(*this, true);
    run->wait(std::nullopt);
    if (const auto& why = run->error())
        throw start_failed(detail::start_failed_text(0, detail::initializer_failed_text(why)));
}

/// Makes the finalizer's run at the start: when the pool ends, there may be no memory.
void in_process_pool::make_finalizer() {
    auto report = std::make_shared<pooling::finalizer_report>();
    auto run = std::make_unique<pooling::hook_run>(*this, options_.finalizer->call(),
                                                   [this, report](const std::exception_ptr& why) {
                                                       if (!why || why == terminated_error_)
                                                           return;
                                                       *report->why = why;
                                                       callbacks_->post(report->callback);
                                                   });
    run->limit(options_.task_timeout, 0, 0);
    callbacks_->prepare();
    const lock held(mutex_);
    detail::job* const job = run.get();
    prepare_clock({&job, 1});
    finalizer_piece_.push_back({job, 0, 1, 0, 0, 0});
    finalizer_ = std::move(run);
}

/// Under the lock, which is released while it runs.
void in_process_pool::run_finalizer(lock& held) noexcept {
    if (!finalizer_ || terminated_)
        return;
    static_cast<void>(finalizer_.release()); // it destroys itself
    run_piece(finalizer_piece_, held);
}

void in_process_pool::run() noexcept {
    thread_id_ = std::this_thread::get_id();
    note_own_thread();
    lock held(mutex_);
    for (;;) {
        changed_.wait(held, [&] { return !queue_.empty() || may_end_; });
        if (queue_.empty())
            break;
        work_queue::pieces one;
        queue_.take_front(one);
        run_piece(one, held);
    }
    run_finalizer(held);
    has_ended_ = true;
    changed_.notify_all();
    clock_changed_.notify_all();
}

/// Under the lock, which is released while the user's code runs.
void in_process_pool::run_piece(work_queue::pieces& one, lock& held, bool goes_first) noexcept {
    auto& what = one.front();
    item_runner runner(*this, what, ++sequence_);
    runner.items().goes_first = goes_first;
    runner.set_outer(std::exchange(innermost_, &runner));
    std::exception_ptr no_memory;
    try {
        runner.copy_arguments();
    } catch (...) {
        no_memory = std::current_exception();
    }
    held.unlock();
    {
        const os::with_signal_mask during(signal_mask_);
        if (no_memory)
            runner.fail_rest(no_memory);
        else
            runner.run();
    }
    held.lock();
    running_item_.end_frame(channel::frame_id(runner.items().sequence));
    innermost_ = runner.outer();
    if (const auto& items = runner.items(); items.anything_left()) {
        what.first += items.begun;
        what.items = items.end - items.begun;
        queue_.add(one);
    }
    changed_.notify_all();
}

// Submission.

/// Errors: throws std::logic_error in a task of this pool.
void in_process_pool::refuse_tasks() const {
    if (is_own_thread() && innermost_ != nullptr && !innermost_->delivers())
        throw std::logic_error("procpool::pool: a task cannot use the pool that runs it; here it runs in the "
                               "process of the pool (in_process), in a worker it would not have the pool at "
                               "all. A task may make a pool of its own");
}

work_queue::pieces in_process_pool::pieces_of(std::span<detail::job* const> jobs) const {
    work_queue::pieces out;
    for (auto* job : jobs) {
        if (job->pinned != detail::pinning::each_worker) {
            const std::size_t worker = job->pinned == detail::pinning::one_worker ? job->worker : 0;
            out.push_back({job, 0, job->items, job->priority, 0, worker});
            continue;
        }
        for (std::uint32_t item = 0; item != job->items; ++item)
            out.push_back({job, item, 1, job->priority, 0, item});
    }
    return out;
}

/// Starts the thread that watches the time limits, if a job has one. Under the lock.
void in_process_pool::prepare_clock(std::span<detail::job* const> jobs) {
    const bool is_needed =
        !jobs.empty() && (options_.task_timeout ||
                          std::ranges::any_of(jobs, [](auto* job) { return job->timeout.count() > 0; }));
    if (is_needed && !clock_.joinable())
        clock_ = os::make_service_thread([self = detail::pool_core_ptr(this), this] { watch_clock(); });
}

void in_process_pool::enqueue(std::span<detail::job* const> jobs, work_queue::pieces& what) noexcept {
    const auto now = in_nanoseconds(clock::now());
    for (auto* job : jobs) {
        job->submitted_at = now;
        status_.note_task(id_of(*job), [job] { return job->task_name(); });
        job->unsettled.store(job->items, std::memory_order_relaxed);
        if (job->is_hook)
            continue;
        if (trace_)
            job->submitted_at = trace_->submitted(*job, now);
        counts_.submitted(job->items, job->arguments.size());
        if (job->timeout.count() <= 0 && options_.task_timeout)
            job->timeout = *options_.task_timeout;
        if (!job->is_of_range)
            job->index_base = single_calls_++;
    }
    const detail::job* last = nullptr;
    for (auto& each : what) {
        submissions_ += each.of != last;
        last = each.of;
        each.submission = submissions_;
    }
    queue_.add(what);
    changed_.notify_all();
}

void in_process_pool::submit(std::span<detail::job* const> jobs, bool) {
    home().require_here();
    refuse_tasks();
    auto what = pieces_of(jobs);
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    prepare_clock(jobs); // the last step that can fail
    enqueue(jobs, what);
}

void in_process_pool::begin_stream() {
    home().require_here();
    refuse_tasks();
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    ++streams_;
}

void in_process_pool::submit_more(std::span<detail::job* const> jobs, bool) {
    home().require_here();
    refuse_tasks();
    auto what = pieces_of(jobs);
    const lock held(mutex_);
    if (!jobs.empty() && terminated_)
        throw pool_terminated();
    if (!jobs.empty() && may_end_)
        throw pool_closed("The pool was joined before the stream had pulled all of its input.");
    prepare_clock(jobs); // the last step that can fail
    enqueue(jobs, what);
}

void in_process_pool::require_open() const {
    home().require_here();
    refuse_tasks();
    if (closed_)
        throw pool_closed();
}

detail::argument_block in_process_pool::allocate_arguments(std::uint64_t bytes) {
    home().require_here();
    auto* const data = ::operator new[](static_cast<std::size_t>(bytes), argument_alignment);
    return {static_cast<std::byte*>(data), 0, bytes};
}

void in_process_pool::free_arguments(const detail::argument_block& block) noexcept {
    ::operator delete[](block.data, argument_alignment);
}

boost::asio::any_io_executor in_process_pool::callback_executor() {
    home().require_here();
    return options_.executor.value_or(boost::asio::system_executor()); // as of pooling::supervisor
}

// Information.

/// What runs an item now; null: nothing does.
const item_runner* in_process_pool::running() const noexcept {
    const auto* each = innermost_;
    while (each != nullptr && !each->items().runs_an_item())
        each = each->outer();
    return each;
}

std::vector<worker_info> in_process_pool::workers() const {
    home().require_here();
    refuse_tasks();
    const lock held(mutex_);
    std::vector<worker_info> out(size());
    for (std::size_t i = 0; i != out.size(); ++i) {
        out[i].index = i;
        out[i].tasks_done = tasks_done_[i];
    }
    const auto* const runs = running();
    if (runs == nullptr || runs->items().what.of->is_hook || runs->items().what.worker >= out.size())
        return out;
    const auto& items = runs->items();
    auto& info = out[items.what.worker];
    info.busy = true;
    info.reported = runs->reported();
    info.task_name = items.what.of->task_name();
    info.running_for = std::chrono::nanoseconds(clock::now() - items.begun_at);
    return out;
}

pool_stats in_process_pool::stats() const {
    home().require_here();
    refuse_tasks();
    const lock held(mutex_);
    const auto* const runs = running();
    return counts_.stats(runs != nullptr && !runs->items().what.of->is_hook);
}

/// A debugger shows it; a signal would disturb a thread of the program's own.
std::string in_process_pool::stack_of(std::size_t worker) {
    home().require_here();
    refuse_tasks();
    detail::require_worker(worker, size());
    return {};
}

} // namespace procpool::in_process

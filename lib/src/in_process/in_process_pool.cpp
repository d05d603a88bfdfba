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

std::int64_t in_nanoseconds(item_runner::clock::time_point when) noexcept {
    return std::chrono::nanoseconds(when.time_since_epoch()).count();
}

/// Whose thread this is; null for other threads.
thread_local in_process_pool* pool_of_this_thread = nullptr;

bool is_past(const detail::deadline& until) {
    return until && std::chrono::steady_clock::now() >= *until;
}

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
    pool_of_this_thread = this;
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

/// Called in the pool's thread by a codec that waits for `result`. Only the items of that result are run: the
/// codec of another one could wait for the result that this codec completes. A stream waits for a result that has
/// no items; then everything is run.
/// Errors: throws std::logic_error if the result cannot become ready while this codec waits.
void in_process_pool::run_items_of(detail::result_base& result, detail::deadline until) {
    constexpr std::chrono::seconds patience{
        1}; // another thread may be delivering the outcome of a cancellation
    lock held(mutex_);
    const auto is_of_result = [&](const piece& each) {
        return each.of->owner == &result;
    };
    work_queue::pieces one;
    bool waited = false;
    while (!result.has_outcome() && !is_past(until)) {
        if (queue_.take_first_if(is_of_result, one) || (!is_below(result) && take_front_if_any(one))) {
            run_piece(one, held, true);
            one.clear();
            waited = false;
            continue;
        }
        if (waited)
            throw std::logic_error(
                "procpool: a codec waits for a result that waits for the value which the codec reads; in the "
                "process of the pool (in_process), one thread runs all tasks and reads all results");
        waited = !is_below(result);
        if (!waited) {
            waited = true; // no other thread has it
            continue;
        }
        held.unlock();
        const auto soon = clock::now() + patience;
        result.park(until ? std::min(*until, soon) : soon);
        held.lock();
    }
}

/// Whether an outcome of this result is being read below on the stack of the pool's thread.
bool in_process_pool::is_below(const detail::result_base& result) const noexcept {
    const auto* each = innermost_;
    while (each != nullptr && each->owner() != &result)
        each = each->outer();
    return each != nullptr;
}

/// In the pool's thread: the result has its outcome, and waits for callbacks, which may need the queue.
void in_process_pool::run_queue_for_callbacks_of(detail::result_base& result, detail::deadline until) {
    lock held(mutex_);
    work_queue::pieces one;
    while (!result.ready() && !is_past(until)) {
        if (take_front_if_any(one)) {
            run_piece(one, held, true);
            one.clear();
            continue;
        }
        if (result.collector_sleeps()) { // the thread that makes it ready calls wake_collector
            if (until)
                changed_.wait_until(held, *until);
            else
                changed_.wait(held);
        }
        result.collector_woke();
    }
}

/// A thread waits in `run_queue_for_callbacks_of`.
void in_process_pool::wake_collector() noexcept {
    if (home().is_elsewhere())
        return;
    const lock held(mutex_);
    changed_.notify_all();
}

bool in_process_pool::take_front_if_any(work_queue::pieces& to) noexcept {
    if (queue_.empty())
        return false;
    queue_.take_front(to);
    return true;
}

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

// Waiting.

/// Exists while the thread of a pool waits for a result of another pool. Two pools that wait for each other
/// would wait for ever.
class in_process_pool::waiting {
  public:
    /// Errors: throws std::logic_error if `other` waits for `waits`, perhaps through further pools.
    waiting(in_process_pool& waits, in_process_pool& other) : waits_(&waits) {
        const std::lock_guard held(all_);
        for (const auto* each = &other; each != nullptr; each = each->waits_for_)
            if (each == &waits)
                throw std::logic_error("procpool: two pools wait for results of each other; in the process "
                                       "of the pools (in_process), "
                                       "one thread runs all tasks of a pool and reads all of its results");
        before_ = std::exchange(waits.waits_for_, &other);
    }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting() {
        const std::lock_guard held(all_);
        waits_->waits_for_ = before_;
    }

  private:
    static inline std::mutex all_; // guards `waits_for_` of all pools
    in_process_pool* waits_;
    in_process_pool* before_ = nullptr;
};

bool in_process_pool::wait(detail::result_base& result, detail::deadline until) {
    home().require_here();
    refuse_tasks();
    delivery::hand_over_suspended([&] { return result.ready(); });
    std::optional<waiting> here;
    if (is_own_thread() && !result.ready()) {
        run_items_of(result, until);
        if (callbacks_->has_own_thread())
            run_queue_for_callbacks_of(result, until);
    } else if (pool_of_this_thread != nullptr && !until && !result.has_outcome())
        here.emplace(*pool_of_this_thread, *this);
    while (!result.ready()) {
        if (!callbacks_->has_own_thread() && result.has_outcome())
            return callbacks_->await(result, until);
        if (is_past(until))
            return result.ready();
        if (callbacks_->has_own_thread())
            result.park(until);
        else
            result.park_until_outcome(until);
    }
    return true;
}

bool in_process_pool::wait_for_callback(detail::result_base& result, detail::deadline until) {
    return callbacks_->has_own_thread() ? wait(result, until) : callbacks_->await(result, until);
}

detail::deadline in_process_pool::callbacks_awaited_until() {
    return callbacks_->has_own_thread() ? std::nullopt : detail::deadline(callbacks_->awaited_until());
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

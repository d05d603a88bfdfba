// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/supervisor.hpp"

#include "os/self.hpp"
#include "os/service_thread.hpp"
#include "pool/item_failures.hpp"
#include "worker/process_role.hpp"

#include <procpool/detail/result_state.hpp>
#include <procpool/error.hpp>
#include <procpool/worker_info.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace procpool {

std::size_t default_processes() {
    return os::usable_cpus();
}

detail::pool_core_ptr detail::start_pool(pool_options options) {
    serving::require_init();
    constexpr std::size_t most_processes = 65536;
    if (options.processes == 0)
        throw std::invalid_argument("procpool::pool: 0 processes; a pool needs at least 1");
    if (options.processes > most_processes)
        throw std::invalid_argument("procpool::pool: " + std::to_string(options.processes) +
                                    " processes; at most " + std::to_string(most_processes) +
                                    " are possible");
    if (options.start_timeout <= std::chrono::nanoseconds::zero())
        throw std::invalid_argument(
            "procpool::pool: start_timeout is not positive; no worker starts in no time");
    if (options.max_tasks_per_worker == std::size_t{0})
        throw std::invalid_argument(
            "procpool::pool: max_tasks_per_worker is 0; a worker must be able to run a task");
    if (options.worker_memory_limit == std::size_t{0})
        throw std::invalid_argument(
            "procpool::pool: worker_memory_limit is 0; no process can do without memory");
    if (options.task_timeout && *options.task_timeout <= std::chrono::nanoseconds::zero())
        throw std::invalid_argument("procpool::pool: task_timeout is not positive; no task runs in no time");
    if (options.terminate_grace < std::chrono::nanoseconds::zero())
        throw std::invalid_argument("procpool::pool: terminate_grace is negative");
    return pooling::supervisor::start(options);
}

} // namespace procpool

namespace procpool::pooling {

namespace asio = boost::asio;
using scheduling::action_kind;

detail::pool_core_ptr supervisor::start(const pool_options& options) {
    try {
        const boost::intrusive_ptr<supervisor> made(new supervisor(options));
        made->wait_until_started();
        return made;
    } catch (const error&) {
        throw;
    } catch (const std::exception& why) { // no descriptor, no memory, no thread
        throw start_failed(std::string("The pool could not be started: ") + why.what());
    }
}

supervisor::supervisor(const pool_options& options)
    : options_(options)
    , owner_pid_(os::current_pid())
    , most_spin_turns_(channel::most_spin_turns(options.processes, os::usable_cpus()))
    , callbacks_(std::make_shared<callback_queue>(options.executor))
    , scheduler_(options.processes, options.max_tasks_per_worker)
    , collector_spin_(most_spin_turns_)
    , asio_spin_(most_spin_turns_)
    , asio_bell_(os::doorbell::create(os::doorbell_kind::polled))
    , collector_bell_(os::doorbell::create(os::doorbell_kind::blocking))
    , work_(io_.get_executor())
    , watch_(io_, asio_bell_)
    , clock_(io_)
    , end_timer_(io_)
    , processes_(scheduler_.size()) {
    while_made_.reset();
    links_.reserve(scheduler_.size());
    for (std::size_t i = 0; i != scheduler_.size(); ++i)
        links_.push_back(std::make_unique<worker_link>());
    listen();
    thread_ = os::make_service_thread([this] { io_.run(); });
}

supervisor::~supervisor() = default;

void supervisor::wait_until_started() {
    {
        delivery out;
        lock held(mutex_);
        act(out, false);
        started_or_ended_.wait(held, [&] {
            bool all_ready = true;
            for (std::size_t i = 0; i != size(); ++i)
                all_ready = all_ready && scheduler_.ready(i);
            return all_ready || !start_failure_.empty();
        });
        started_ = start_failure_.empty();
    }
    if (started_)
        return;
    end();
    throw start_failed(start_failure_);
}

void supervisor::require_open() const {
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
}

void supervisor::submit(std::span<detail::job* const> jobs, bool caller_waits) {
    delivery out; // handed over when the lock is no longer held
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    accept(jobs);
    act(out, caller_waits);
}

void supervisor::accept(std::span<detail::job* const> jobs) {
    for (auto* job : jobs) {
        job->unsettled.store(job->items, std::memory_order_relaxed);
        if (job->timeout.count() <= 0 && options_.task_timeout)
            job->timeout = *options_.task_timeout;
        clock_matters_ = clock_matters_ || job->timeout.count() > 0;
        scheduler_.submitted({call_of(*job), 0, job->items});
    }
}

/// Does what the scheduler decides until it decides nothing more. `caller_collects`: at once, so nobody else
/// need be woken for results.
void supervisor::act(delivery& out, bool caller_collects) {
    for (;;) {
        const auto next = scheduler_.next();
        switch (next.kind) {
        case action_kind::none: {
            for (auto& link : links_)
                link->wake_if_given(out);
            if (!caller_collects)
                have_somebody_woken(out);
            if (clock_matters_)
                watch_clock();
            if (scheduler_.ended())
                started_or_ended_.notify_all();
            return;
        }
        case action_kind::give:
            if (!links_[next.worker]->give(next.what))
                scheduler_.refused(next.worker, next.what);
            break;
        case action_kind::take_back: {
            const auto back = links_[next.worker]->take_back(next.items);
            scheduler_.took_back(next.worker, back.what, back.frames);
            break;
        }
        case action_kind::start:
            asio::post(io_, [this, worker = next.worker] { start_worker(worker); });
            break;
        case action_kind::stop:
            links_[next.worker]->say_goodbye(out);
            asio::post(io_, [this, worker = next.worker] {
                if (processes_[worker])
                    processes_[worker]->expect_end();
            });
            break;
        case action_kind::give_up:
            fail(next.what, std::make_exception_ptr(start_failed(start_failure_)), out);
            break;
        }
    }
}

void supervisor::note_progress(std::size_t worker, const worker_link::progress& done) {
    if (done.items != 0 || done.frames != 0)
        scheduler_.finished(worker, done.frames, done.items, done.nanoseconds);
    for (auto it = done.again.rbegin(); it != done.again.rend(); ++it)
        scheduler_.resubmitted(*it);
}

void supervisor::fail(const scheduling::work& what, const std::exception_ptr& why, delivery& out) {
    out.add_failure(job_of(what.call), what.first, what.items, why);
}

void supervisor::close() {
    delivery out;
    const lock held(mutex_);
    closed_ = true;
    if (streams_ == 0)
        wind_up();
    act(out);
}

bool supervisor::cancel_unbegun(const std::function<bool(const scheduling::work&)>& is_wanted,
                                delivery& drained, delivery& out) {
    if (terminated_)
        return false; // there is nothing left
    std::vector<scheduling::work> gone;
    for (std::size_t i = 0; i != links_.size(); ++i) {
        const auto back = links_[i]->take_back_if_unclaimed(is_wanted);
        scheduler_.gave_back(i, back.what, back.frames);
        gone.insert(gone.end(), back.what.begin(), back.what.end());
        // It may have gone on to another item meanwhile, and cannot from now on: so that is the one it runs.
        note_progress(i, links_[i]->drain(drained));
    }
    // Last: what timed out just now and would be tried again waits there.
    const auto waiting = scheduler_.withdrawn(is_wanted);
    gone.insert(gone.end(), waiting.begin(), waiting.end());
    for (const auto& work : gone)
        fail(work, item_cancelled(job_of(work.call), work.first, std::nullopt), out);
    return !gone.empty();
}

bool supervisor::cancel(detail::result_base& result) {
    delivery out;
    delivery drained;
    lock held(mutex_);
    drain(drained); // what has arrived is an outcome
    const auto is_wanted = [&](const scheduling::work& work) {
        return job_of(work.call).owner == &result;
    };
    bool found = cancel_unbegun(is_wanted, drained, out);
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = *links_[i];
        if (const auto running = link.cancel_current(is_wanted)) {
            found = true;
            link.limit().asked(*running, scheduling::time_limit::time::clock::now(),
                               options_.terminate_grace);
            ask_to_stop(i, channel::frame_of(*running));
        }
    }
    if (found) {
        result.set_cancelled();
        clock_matters_ = true;
    }
    act(out);
    hand_over_in_order(held, drained, out);
    return found;
}

void supervisor::terminate() noexcept {
    if (forked())
        return;
    delivery out;
    delivery drained;
    lock held(mutex_);
    if (terminated_)
        return;
    drain(drained); // what has arrived stays
    closed_ = true;
    terminated_ = true;
    const auto why = std::make_exception_ptr(pool_terminated());
    for (const auto& work : scheduler_.terminate())
        fail(work, why, out);
    for (auto& link : links_) {
        for (const auto& work : link->abandon())
            fail(work, why, out);
        link->say_goodbye(out);
    }
    boost::asio::post(io_, [this] { end_workers(); });
    if (scheduler_.ended())
        started_or_ended_.notify_all();
    hand_over_in_order(held, drained, out);
}

void supervisor::run_callback(std::function<void()> callback) {
    callbacks_->post(std::move(callback));
}

void supervisor::join() {
    if (forked())
        throw std::logic_error("procpool::pool::join: the pool belongs to the process that forked this one");
    {
        delivery out;
        const lock held(mutex_);
        if (!closed_)
            throw std::logic_error("procpool::pool::join: call close() or terminate() first");
        wind_up(); // who would read a stream may be the one that waits here
        act(out);
    }
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
    }
    join_thread();
    callbacks_->finish();
}

void supervisor::join_thread() {
    const std::lock_guard one_at_a_time(join_mutex_);
    if (!thread_.joinable())
        return;
    io_.stop(); // every process has been reaped: nothing that is still pending matters
    thread_.join();
}

void supervisor::end() noexcept {
    if (forked()) {
        // Threads and processes are the parent's; a destructor would end the parent's workers.
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        return;
    }
    terminate();
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
    }
    join_thread();
    if (callbacks_->has_own_thread())
        callbacks_->finish();
}

bool supervisor::forked() const noexcept {
    return os::current_pid() != owner_pid_;
}

std::vector<worker_info> supervisor::workers() const {
    const lock held(mutex_);
    std::vector<worker_info> out(size());
    for (std::size_t place = 0; place != links_.size(); ++place) {
        auto& info = out[place % size()];
        info.index = place % size();
        info.tasks_done += scheduler_.items_done(place);
        const bool busy = scheduler_.frames(place) != 0;
        // Of two places that take turns, the one that works, or else the one that will.
        if (busy || (!info.busy && scheduler_.ready(place)) || info.pid == 0)
            info.pid = links_[place]->pid();
        if (busy)
            info.reported = links_[place]->reported();
        info.busy = info.busy || busy;
    }
    return out;
}

boost::asio::any_io_executor supervisor::callback_executor() {
    // Callbacks are called in the right thread already, and this one runs what is dispatched where it is.
    return options_.executor.value_or(boost::asio::system_executor());
}

detail::argument_block supervisor::allocate_arguments(std::uint64_t bytes) {
    const auto got = arguments_.allocate(bytes);
    return {arguments_.data(got), got.offset, got.bytes};
}

void supervisor::free_arguments(const detail::argument_block& block) noexcept {
    if (terminated_) {
        // A task that may end in its own time still reads them.
        const lock held(mutex_);
        if (!scheduler_.ended()) {
            try {
                kept_arguments_.push_back(block);
            } catch (const std::bad_alloc&) { // then they go with the pool
            }
            return;
        }
    }
    arguments_.free({block.offset, block.bytes});
}

/// Every process is gone. Under the lock.
void supervisor::free_kept_arguments() noexcept {
    for (const auto& block : std::exchange(kept_arguments_, {}))
        arguments_.free({block.offset, block.bytes});
}

} // namespace procpool::pooling

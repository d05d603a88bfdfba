// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/callback_queue.hpp"

#include "result/unhandled.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace procpool::pooling {
namespace {

thread_local const callback_queue* running_here = nullptr;

using steady = std::chrono::steady_clock;

/// How long an executor may be busy with other work before waiting for its callbacks ends. No event reports
/// that an executor will never run again.
constexpr std::chrono::seconds patience{1};
/// The wait if no callback was posted: one may be about to be posted.
constexpr std::chrono::milliseconds soon{10};

} // namespace

/// A turn on the executor. A turn that is destroyed without having run was the last of its queue: the
/// executor's context is gone.
class callback_queue::turn {
  public:
    explicit turn(std::shared_ptr<callback_queue> queue) : queue_(std::move(queue)) {}
    turn(turn&&) = default;
    turn& operator=(turn&&) = delete;
    ~turn() {
        if (queue_)
            queue_->drop_waiting();
    }
    void operator()() { std::exchange(queue_, nullptr)->run_once(); }

  private:
    std::shared_ptr<callback_queue> queue_;
};

bool callback_queue::in_callback() noexcept {
    return running_here != nullptr;
}

void callback_queue::post(std::function<void()> callback) {
    detail::callback_list one;
    one.emplace_back(std::move(callback));
    prepare();
    post(one);
}

bool callback_queue::prepare() noexcept {
    const std::lock_guard held(mutex_);
    if (executor_ || thread_.joinable() || stop_)
        return true;
    try {
        start_thread();
        return true;
    } catch (const std::exception&) { // `post` tries again, and can run callbacks itself
        return false;
    }
}

void callback_queue::post(detail::callback_list& callbacks) noexcept {
    std::unique_lock held(mutex_);
    waiting_.splice(waiting_.end(), callbacks);
    if (std::exchange(running_, true))
        return;
    try {
        schedule_run(held);
    } catch (...) {
        const auto why = std::current_exception();
        if (!held.owns_lock())
            held.lock();
        if (!executor_) {
            run_waiting(held); // no other thread can run them
            return;
        }
        held.unlock(); // destroying the turn has dropped the pending callbacks
        report_executor(why);
    }
}

/// In a thread of its own: the function of set_unhandled may wait for the thread that has posted.
void callback_queue::report_executor(const std::exception_ptr& why) noexcept {
    try {
        std::shared_ptr<callback_queue> reports;
        {
            const std::lock_guard held(mutex_);
            if (!reports_)
                reports_ = std::make_shared<callback_queue>(std::nullopt, signals_);
            reports = reports_;
        }
        reports->post([why] { std::rethrow_exception(why); });
    } catch (...) { // there is no memory for more
        report_unhandled(why);
    }
}

void callback_queue::start_thread() {
    thread_ = os::make_service_thread([self = shared_from_this()] { self->run_in_thread(); });
}

void callback_queue::schedule_run(std::unique_lock<std::mutex>& held) {
    if (executor_) {
        posted_at_ = steady::now();
        held.unlock();
        boost::asio::post(*executor_, turn(shared_from_this()));
    } else if (thread_.joinable()) {
        posted_or_idle_.notify_all();
    } else if (stop_) { // the result outlives its pool
        os::start_service_thread([self = shared_from_this()] {
            const os::with_signal_mask during(self->signals_);
            self->run_once();
        });
    } else {
        start_thread();
    }
}

/// Runs the pending callbacks, without the lock, until none is left or `done` returns true.
void callback_queue::run_waiting(std::unique_lock<std::mutex>& held, const std::function<bool()>& done) {
    if (executing_)
        return; // that thread runs all pending callbacks
    executing_ = true;
    while (!waiting_.empty() && !(done && done())) {
        detail::callback_list next;
        next.splice(next.end(), waiting_, waiting_.begin());
        held.unlock();
        const auto* const before = std::exchange(running_here, this); // not set while `done` is called
        try {
            next.front().call();
        } catch (...) {
            report_unhandled(std::current_exception());
        }
        next.clear(); // releases the captured objects, also without the lock
        running_here = before;
        held.lock();
    }
    executing_ = false;
    running_ = !waiting_.empty(); // if some are left, a turn is needed
    posted_at_ = steady::now();
    posted_or_idle_.notify_all();
}

/// Whether this thread runs the executor. The system executor does not show it, since any thread may run it.
bool callback_queue::runs_executor_here() const {
    if (executor_->target<boost::asio::system_executor>() != nullptr)
        return false;
    const auto here = std::make_shared<bool>(false);
    boost::asio::dispatch(*executor_, [here, asks = std::this_thread::get_id()] {
        if (std::this_thread::get_id() == asks) // if not, `here` is read by the other thread
            *here = true;
    });
    return *here;
}

void callback_queue::run_here(const std::function<bool()>& done) {
    {
        const std::lock_guard lock(mutex_);
        if (executing_ || waiting_.empty())
            return;
    }
    if (!runs_executor_here())
        return;
    std::unique_lock held(mutex_);
    run_waiting(held, done);
    if (executing_ || waiting_.empty())
        return;
    try { // the turn that was due may have ended without running them
        schedule_run(held);
    } catch (...) {
        if (!held.owns_lock())
            held.lock();
        running_ = false; // the pending callbacks run with the next one that is posted
        throw;
    }
}

bool callback_queue::executor_has_stopped() const noexcept {
    const auto* const of_context = executor_->target<boost::asio::io_context::executor_type>();
    return of_context != nullptr && of_context->context().stopped();
}

steady::time_point callback_queue::awaited_until_now() const {
    if (executing_)
        return steady::now() + patience;
    if (!running_)
        return steady::now() + soon;
    return executor_has_stopped() ? posted_at_ : posted_at_ + patience;
}

bool callback_queue::await(detail::result_base& result, const detail::deadline& until) {
    while (!result.ready()) {
        run_here([&] { return result.ready(); });
        if (result.ready())
            break;
        const auto now = steady::now();
        const auto end = awaited_until();
        if (end <= now) {
            result.publish();
            break;
        }
        if (until && *until <= now)
            return false;
        result.park(until ? std::min(end, *until) : end);
    }
    return true;
}

steady::time_point callback_queue::awaited_until() {
    const std::lock_guard lock(mutex_);
    return awaited_until_now();
}

void callback_queue::run_once() {
    std::unique_lock held(mutex_);
    run_waiting(held);
}

void callback_queue::drop_waiting() noexcept {
    std::unique_lock held(mutex_);
    detail::callback_list dropped;
    dropped.swap(waiting_);
    running_ = false;
    posted_or_idle_.notify_all();
    held.unlock(); // releases the captured objects without the lock
}

void callback_queue::run_in_thread() {
    std::unique_lock held(mutex_);
    for (;;) {
        posted_or_idle_.wait(held, [&] { return (stop_ || !waiting_.empty()) && !executing_; });
        if (waiting_.empty())
            return;
        const os::with_signal_mask during(signals_);
        run_waiting(held);
    }
}

void callback_queue::finish() {
    const bool in_callback = running_here == this;
    if (executor_ && !in_callback)
        run_here([] { return false; });
    std::unique_lock held(mutex_);
    while (!in_callback && running_) {
        if (!executor_)
            posted_or_idle_.wait(held);
        else if (const auto until = awaited_until_now(); until <= steady::now())
            break; // the callbacks run when the executor runs again
        else
            posted_or_idle_.wait_until(held, until);
    }
    stop_ = true;
    auto thread = std::exchange(thread_, {});
    const auto reports = reports_;
    held.unlock();
    posted_or_idle_.notify_all();
    if (reports)
        reports->finish();
    if (!thread.joinable())
        return;
    if (in_callback)
        thread.detach(); // the thread is this one, and ends after this callback
    else
        thread.join();
}

} // namespace procpool::pooling

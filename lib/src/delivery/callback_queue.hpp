// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DELIVERY_CALLBACK_QUEUE_HPP
#define PROCPOOL_DELIVERY_CALLBACK_QUEUE_HPP

#include "os/waiting.hpp"

#include <procpool/detail/pool_core.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace procpool::pooling {

/// Runs callbacks one at a time, in the order in which they were posted: on an executor if there is one, else
/// in a thread that is started with the first callback.
///
/// A callback may do anything, including destroying the pool that owns the queue. Callbacks are dropped if
/// their executor's context is destroyed before it has run them.
///
/// Thread safety: any thread.
class callback_queue : public std::enable_shared_from_this<callback_queue> {
  public:
    /// `signals`: the signal mask of callbacks in a thread of the queue.
    callback_queue(std::optional<boost::asio::any_io_executor> executor, const os::signal_mask& signals)
        : executor_(std::move(executor))
        , signals_(signals) {}
    callback_queue(const callback_queue&) = delete;
    callback_queue& operator=(const callback_queue&) = delete;
    ~callback_queue() = default;

    /// Exceptions of `callback` are passed to report_unhandled.
    void post(std::function<void()> callback);
    /// Starts the thread for `post`, unless there is an executor. False: no more threads can be started.
    bool prepare() noexcept;
    /// Takes over the callbacks. If the executor throws, for want of memory for example, they are dropped, and what it
    /// threw is passed to report_unhandled in another thread. Without an executor, callbacks for which no thread can
    /// be started run in this one.
    void post(detail::callback_list& callbacks) noexcept;

    /// Whether this thread runs a callback of any queue: queues may share a thread.
    static bool in_callback() noexcept;

    bool has_own_thread() const noexcept { return !executor_; }

    /// Waits until every posted callback has run, and ends the thread. It does not wait in a callback, nor
    /// for an executor that does not run them. Callbacks that are posted later still run.
    void finish();

    /// If this thread belongs to the executor, and no other thread runs callbacks: runs the pending callbacks
    /// until `done`.
    ///
    /// Requires: there is an executor.
    void run_here(const std::function<bool()>& done);

    /// Waits until `result` is ready, which has its outcome and waits for callbacks on the executor. No
    /// value may depend on an executor that has stopped, or that the waiting thread itself runs. So this
    /// thread runs the callbacks if it can; if the executor does not start them in time, the result becomes
    /// ready before they run. False: the deadline came first.
    ///
    /// Requires: there is an executor.
    bool await(detail::result_base& result, const detail::deadline& until);

    /// The time at which waiting for pending callbacks ends: an executor that has not started one by then is
    /// treated as stopped. While it runs callbacks, the time at which to ask again: the thread that runs them
    /// may leave the rest to the executor.
    ///
    /// Requires: there is an executor.
    std::chrono::steady_clock::time_point awaited_until();

  private:
    class turn;

    void start_thread();
    void schedule_run(std::unique_lock<std::mutex>& held);
    void report_executor(const std::exception_ptr& why) noexcept;
    void run_waiting(std::unique_lock<std::mutex>& held, const std::function<bool()>& done = nullptr);
    bool runs_executor_here() const;
    bool executor_has_stopped() const noexcept;
    std::chrono::steady_clock::time_point awaited_until_now() const;
    void run_once();
    void drop_waiting() noexcept;
    void run_in_thread();

    const std::optional<boost::asio::any_io_executor> executor_;
    const os::signal_mask signals_;
    std::mutex mutex_;
    std::condition_variable posted_or_idle_;
    detail::callback_list waiting_;
    bool running_ = false;                            // a thread runs callbacks, or will soon
    bool executing_ = false;                          // a thread runs callbacks
    std::chrono::steady_clock::time_point posted_at_; // post time of the turn that has not started yet
    bool stop_ = false;
    std::thread thread_;                      // if there is no executor
    std::shared_ptr<callback_queue> reports_; // of what the executor threw; null: nothing yet
};

} // namespace procpool::pooling

#endif

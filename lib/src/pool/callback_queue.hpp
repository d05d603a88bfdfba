// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_CALLBACK_QUEUE_HPP
#define PROCPOOL_POOL_CALLBACK_QUEUE_HPP

#include "os/service_thread.hpp"

#include <procpool/detail/pool_core.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <condition_variable>
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
/// A callback may do anything, destroying the pool that owns the queue included. Callbacks are dropped if
/// their executor's context is destroyed before it has run them. Thread safety: any thread.
class callback_queue : public std::enable_shared_from_this<callback_queue> {
  public:
    /// `signals`: the mask that callbacks have in a thread of the queue's own.
    callback_queue(std::optional<boost::asio::any_io_executor> executor, const os::signal_mask& signals)
        : executor_(std::move(executor))
        , signals_(signals) {}
    callback_queue(const callback_queue&) = delete;
    callback_queue& operator=(const callback_queue&) = delete;
    ~callback_queue() = default;

    /// What `callback` throws goes to report_unhandled.
    void post(std::function<void()> callback);
    /// There is a thread for `post` from now on, unless there is an executor, or there can be no more threads.
    void prepare() noexcept;
    /// Takes the callbacks. Those for which the executor has no memory are dropped; where there can be no
    /// thread for them, they run in this one.
    void post(detail::callback_list& callbacks) noexcept;

    /// Is this thread running a callback? Of whichever queue: they may share a thread.
    static bool in_callback() noexcept;

    bool has_own_thread() const noexcept { return !executor_; }

    /// Waits until every callback that was posted has run, and ends the thread; in a callback, it does not
    /// wait, nor for an executor that does not take them up. Callbacks that are posted later still run.
    void finish();

    /// If this thread is one of the executor's, and no other runs callbacks: runs the callbacks that are due
    /// until `done`. Requires: there is an executor.
    void run_here(const std::function<bool()>& done);

    /// When callbacks that are due are not waited for any more: an executor that has not taken them up by
    /// then is taken for one that has stopped. No value while it runs them. Requires: there is an executor.
    std::optional<std::chrono::steady_clock::time_point> awaited_until();

  private:
    class turn;

    void start_thread();
    void have_somebody_run(std::unique_lock<std::mutex>& held);
    void run_waiting(std::unique_lock<std::mutex>& held, const std::function<bool()>& done = nullptr);
    bool runs_executor_here() const;
    bool executor_has_stopped() const noexcept;
    std::optional<std::chrono::steady_clock::time_point> awaited_until_now() const;
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
    std::chrono::steady_clock::time_point posted_at_; // the turn that is not taken yet
    bool stop_ = false;
    std::thread thread_; // if there is no executor
};

} // namespace procpool::pooling

#endif

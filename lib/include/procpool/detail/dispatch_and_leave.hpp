// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_DISPATCH_AND_LEAVE_HPP
#define PROCPOOL_DETAIL_DISPATCH_AND_LEAVE_HPP

#include <boost/asio/dispatch.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace procpool::detail {

/// Says when a thread that dispatched something has done with the executor. The handler may end the context,
/// and must not do so while that thread is still on its way out of it.
///
/// Not by std::atomic::wait, which in libstdc++ 12 may miss a notification where there is no futex.
class departure {
  public:
    /// By the thread that dispatched, and made this object.
    void leave() noexcept {
        const std::lock_guard lock(mutex_);
        left_ = true;
        changed_.notify_one();
    }
    /// By the thread that was dispatched to. If it is the same, the dispatching function is its caller.
    void wait() noexcept {
        if (std::this_thread::get_id() == by_)
            return;
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return left_; });
    }

  private:
    const std::thread::id by_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable changed_;
    bool left_ = false;
};

/// Runs `function` in the context of `executor`, to which nothing refers here when it is called.
template <class Executor, class Function>
void dispatch_and_leave(Executor executor, Function function) {
    const auto here = std::make_shared<departure>();
    {
        const auto to = std::move(executor);
        boost::asio::dispatch(to, [here, function = std::move(function)]() mutable {
            here->wait();
            function();
        });
    }
    here->leave();
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/completion_handler.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace procpool::detail {

// Does not use std::atomic::wait, which in libstdc++ 12 may miss a notification on systems without a futex.
class dispatch_exit {
  public:
    void leave() noexcept {
        const std::lock_guard lock(mutex_);
        left_ = true;
        changed_.notify_one();
    }
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

std::shared_ptr<dispatch_exit> make_dispatch_exit() {
    return std::make_shared<dispatch_exit>();
}

void leave(dispatch_exit& what) noexcept {
    what.leave();
}

void wait(dispatch_exit& what) noexcept {
    what.wait();
}

void slot_cancellation::operator()(boost::asio::cancellation_type type) {
    using boost::asio::cancellation_type;
    const auto kept = result_; // the task may end, and the slot be cleared, meanwhile
    if (kept == nullptr)       // never; without this line g++ 12 warns at -O2 and -O3 (-Wstringop-overflow)
        return;
    if ((type & (cancellation_type::terminal | cancellation_type::partial)) != cancellation_type::none)
        kept->cancel();
}

} // namespace procpool::detail

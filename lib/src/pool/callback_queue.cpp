// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/callback_queue.hpp"

#include "pool/unhandled.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace procpool::pooling {
namespace {

thread_local const callback_queue* running_here = nullptr;

} // namespace

/// A turn on the executor. One that is dropped without being taken was the queue's last: its context is gone.
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
    std::unique_lock held(mutex_);
    waiting_.push_back(std::move(callback));
    if (std::exchange(running_, true))
        return;
    try {
        have_somebody_run(held);
    } catch (...) {
        if (!held.owns_lock())
            held.lock();
        running_ = false; // what waits runs with what is posted next
        throw;
    }
}

void callback_queue::have_somebody_run(std::unique_lock<std::mutex>& held) {
    if (executor_) {
        held.unlock();
        boost::asio::post(*executor_, turn(shared_from_this()));
    } else if (thread_.joinable()) {
        posted_or_idle_.notify_all();
    } else if (stop_) { // of a result that outlives its pool
        os::start_service_thread([self = shared_from_this()] {
            const os::with_signal_mask during(self->signals_);
            self->run_once();
        });
    } else {
        thread_ = os::make_service_thread([self = shared_from_this()] { self->run_in_thread(); });
    }
}

/// Runs what waits, without the lock, until nothing does.
void callback_queue::run_waiting(std::unique_lock<std::mutex>& held) {
    const auto* const before = std::exchange(running_here, this);
    while (!waiting_.empty()) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        held.unlock();
        try {
            next();
        } catch (...) {
            report_unhandled(std::current_exception());
        }
        next = nullptr; // what it holds is released without the lock too
        held.lock();
    }
    running_here = before;
    running_ = false;
    posted_or_idle_.notify_all();
}

void callback_queue::run_once() {
    std::unique_lock held(mutex_);
    run_waiting(held);
}

void callback_queue::drop_waiting() noexcept {
    std::unique_lock held(mutex_);
    auto dropped = std::exchange(waiting_, {});
    running_ = false;
    posted_or_idle_.notify_all();
    held.unlock(); // what they hold is released without the lock
}

void callback_queue::run_in_thread() {
    std::unique_lock held(mutex_);
    for (;;) {
        posted_or_idle_.wait(held, [&] { return stop_ || !waiting_.empty(); });
        if (waiting_.empty())
            return;
        const os::with_signal_mask during(signals_);
        run_waiting(held);
    }
}

void callback_queue::finish() {
    std::unique_lock held(mutex_);
    const bool in_callback = running_here == this;
    if (!in_callback)
        posted_or_idle_.wait(held, [&] { return !running_; });
    stop_ = true;
    auto thread = std::exchange(thread_, {});
    held.unlock();
    posted_or_idle_.notify_all();
    if (!thread.joinable())
        return;
    if (in_callback)
        thread.detach(); // it is this one, and ends after this callback
    else
        thread.join();
}

} // namespace procpool::pooling

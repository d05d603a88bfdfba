// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_OUTCOME_HPP
#define PROCPOOL_TEST_OUTCOME_HPP

#include "support/eventually.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace procpool::test {

/// The arguments with which a completion handler was called, how often, and in which thread.
template <class R>
class outcome {
  public:
    /// A handler, which refers to this object.
    auto handler() {
        return [this](std::exception_ptr error, R value) {
            called(std::move(error), std::move(value));
        };
    }

    /// Waits for the first call: returns the value, or throws the exception.
    R get() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return times_ != 0; }))
            throw std::runtime_error("the handler was not called");
        if (error_)
            std::rethrow_exception(error_);
        return *value_;
    }
    int times() const {
        const std::lock_guard lock(mutex_);
        return times_;
    }
    /// Requires: the handler was called.
    std::thread::id thread() const {
        const std::lock_guard lock(mutex_);
        return thread_;
    }

    void called(std::exception_ptr error, R value) {
        const std::lock_guard lock(mutex_);
        error_ = std::move(error);
        value_ = std::move(value);
        thread_ = std::this_thread::get_id();
        ++times_;
        changed_.notify_all();
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int times_ = 0;
    std::exception_ptr error_;
    std::optional<R> value_;
    std::thread::id thread_;
};

} // namespace procpool::test

#endif

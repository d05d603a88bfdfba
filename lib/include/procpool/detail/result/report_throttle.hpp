// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_REPORT_THROTTLE_HPP
#define PROCPOOL_DETAIL_RESULT_REPORT_THROTTLE_HPP

#include <atomic>
#include <chrono>

namespace procpool::detail {

/// Allows an action at most once in an interval, and not before the first interval has passed.
///
/// Thread safety: any thread; of several concurrent callers, one is allowed.
class report_throttle {
  public:
    using clock = std::chrono::steady_clock;

    report_throttle(clock::time_point start, clock::duration interval) noexcept
        : interval_(interval)
        , due_(start + interval) {}

    bool due(clock::time_point now) noexcept {
        auto due = due_.load(std::memory_order_relaxed);
        return now >= due && due_.compare_exchange_strong(due, now + interval_, std::memory_order_relaxed);
    }

  private:
    const clock::duration interval_;
    std::atomic<clock::time_point> due_;
};

} // namespace procpool::detail

#endif

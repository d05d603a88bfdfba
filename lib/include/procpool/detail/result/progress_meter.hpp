// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_PROGRESS_METER_HPP
#define PROCPOOL_DETAIL_RESULT_PROGRESS_METER_HPP

#include <procpool/detail/pool_core.hpp>
#include <procpool/progress.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

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

/// Reports the progress of a map or a stream to the user's function: from time to time, and at the end. The
/// function is called on the pool's executor, where callbacks run one at a time.
class progress_meter : public std::enable_shared_from_this<progress_meter> {
  public:
    progress_meter(pool_core& core, std::function<void(const progress&)> told);

    /// Null if the user has set no function.
    static std::shared_ptr<progress_meter> make(pool_core& core,
                                                const std::function<void(const progress&)>& told);

    /// Sets the total number of items when it is known.
    void expect(std::size_t total) noexcept { total_.store(total, std::memory_order_relaxed); }

    /// Adds `items` to the number of items that have their outcome. It reads the clock, so do not call it for
    /// single items of a chunk.
    ///
    /// Thread safety: any thread.
    void add(std::size_t items) noexcept;

    /// Makes the last report, with the total from `expect`, and releases the function.
    ///
    /// Requires: called once, as a callback of the pool.
    void finish();

  private:
    void report();

    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    const pool_core_ptr core_;
    std::function<void(const progress&)> told_; // used only by callbacks
    std::atomic<std::size_t> done_{0};
    std::atomic<std::size_t> total_{unknown};
    std::atomic<bool> posted_{false}; // a report is queued
    report_throttle throttle_;
};

} // namespace procpool::detail

#endif

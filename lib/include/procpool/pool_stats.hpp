// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_STATS_HPP
#define PROCPOOL_POOL_STATS_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace procpool {

/// Counts durations in buckets whose bounds are powers of two: bucket 0 has durations up to 1 ns, bucket 1
/// those up to 2 ns, bucket 2 those up to 4 ns, and so on.
///
/// Complexity: `add` is constant; `count` and `quantile` are linear in the number of buckets.
class latency_histogram {
  public:
    static constexpr std::size_t buckets = 64;

    /// The number of durations.
    std::uint64_t count() const noexcept;
    /// A duration that the fraction `q` of all durations do not exceed, from 0 (the shortest) to 1 (the
    /// longest). It is at least the exact value, and less than twice as long. 0 if there is no duration.
    ///
    /// Errors: throws std::invalid_argument if `q` is not from 0 to 1.
    std::chrono::nanoseconds quantile(double q) const;
    /// The longest duration; 0 if there is none.
    std::chrono::nanoseconds max() const noexcept { return in_nanoseconds(longest_); }
    /// All durations together; the largest number of nanoseconds if they are longer.
    std::chrono::nanoseconds sum() const noexcept { return in_nanoseconds(sum_); }

    /// The longest duration of a bucket.
    ///
    /// Requires: bucket < buckets.
    static constexpr std::chrono::nanoseconds bound(std::size_t bucket) noexcept {
        return bucket < 63 ? std::chrono::nanoseconds(std::int64_t{1} << bucket)
                           : std::chrono::nanoseconds::max();
    }
    /// The number of durations in a bucket.
    ///
    /// Requires: bucket < buckets.
    std::uint64_t count_in(std::size_t bucket) const noexcept { return counts_[bucket]; }

    /// Adds a duration; a negative one counts as 0.
    void add(std::chrono::nanoseconds duration) noexcept {
        const auto value = from_nanoseconds(duration);
        ++counts_[bucket_of(value)];
        sum_ = plus(sum_, value);
        longest_ = std::max(longest_, value);
    }
    /// Adds `count` durations: `first`, `first` + `step`, `first` + 2 `step` and so on.
    ///
    /// Complexity: linear in the number of buckets.
    void add_series(std::chrono::nanoseconds first, std::chrono::nanoseconds step,
                    std::uint64_t count) noexcept;

  private:
    static constexpr std::uint64_t longest_possible = std::numeric_limits<std::int64_t>::max();

    static constexpr std::uint64_t from_nanoseconds(std::chrono::nanoseconds duration) noexcept {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
    }
    static constexpr std::chrono::nanoseconds in_nanoseconds(std::uint64_t value) noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(value));
    }
    static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        return value <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(value - 1));
    }
    static constexpr std::uint64_t plus(std::uint64_t a, std::uint64_t b) noexcept {
        return a > longest_possible - b ? longest_possible : a + b;
    }

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t sum_ = 0; // nanoseconds, at most `longest_possible`, like the next
    std::uint64_t longest_ = 0;
};

/// What a pool has done since it was made; see pool::stats.
///
/// An item is a single call, or one element of a map or a stream, or one worker's call of a broadcast. Every
/// submitted item is in exactly one of eight states, so at every moment
///
///     submitted == queued + running + succeeded + threw + lost + timed_out + cancelled + abandoned
///
/// An item whose encoding threw was not submitted. Initializers of workers are not counted.
struct pool_stats {
    std::uint64_t submitted = 0; ///< items that the pool has accepted
    std::uint64_t queued = 0;    ///< have not begun; or have ended, and the pool has not read the outcome yet
    std::uint64_t running = 0;   ///< have begun and not ended: at most one for each worker
    std::uint64_t succeeded = 0; ///< the task returned a value
    std::uint64_t threw = 0;     ///< the task, or a codec in the worker, threw an exception
    std::uint64_t lost = 0;      ///< worker_lost
    std::uint64_t timed_out = 0; ///< task_timeout
    std::uint64_t cancelled = 0; ///< task_cancelled, or dropped with the stream that they belonged to
    std::uint64_t abandoned = 0; ///< pool_terminated, or start_failed because no worker could be started
    std::uint64_t retried = 0;   ///< how often an item was run again; see call_options::retries
    std::uint64_t restarts = 0; ///< processes that were started in place of an earlier one of the same worker

    /// Bytes of the encoded tasks and arguments, counted once, when they are submitted.
    std::uint64_t argument_bytes = 0;
    /// Bytes of the encoded values and exceptions that the pool has read.
    std::uint64_t result_bytes = 0;

    /// The time for which workers ran items that have ended by themselves, of all workers together.
    std::chrono::nanoseconds busy_time{0};
    /// From the submission of an item to its begin, and from its begin to its end, for items that ended with
    /// a value or an exception. After a retry, the last begin counts.
    ///
    /// A worker does not measure each very short item: items that it claims together, or whose results it
    /// publishes together, share the measured time evenly. Items of a worker that died before it had reported
    /// their times are missing.
    latency_histogram wait{}, run{};
};

/// The statistics in Prometheus' text exposition format, version 0.0.4, with a label pool="...".
///
/// The names are those of the members after `procpool_`; counters end in `_total`, and times are in seconds:
/// procpool_submitted_total, procpool_queued, procpool_argument_bytes_total, procpool_busy_seconds_total, and
/// the histograms procpool_wait_seconds and procpool_run_seconds. A program that shows several pools on one
/// page must drop the lines that begin with `#` from all texts but the first.
///
/// `pool_name` may have any bytes: they are escaped, and what is not UTF-8 is replaced by U+FFFD.
///
/// Errors: throws std::bad_alloc.
std::string to_prometheus(const pool_stats& stats, std::string_view pool_name = "default");

} // namespace procpool

#endif

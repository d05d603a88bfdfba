// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_STATS_ITEM_COUNTS_HPP
#define PROCPOOL_STATS_ITEM_COUNTS_HPP

#include <procpool/pool_stats.hpp>

#include <cstdint>

namespace procpool::counting {

/// The ways in which an item ends.
enum class ending : std::uint8_t { succeeded, threw, lost, timed_out, cancelled, abandoned };

/// The times of consecutive items that a worker ran one after the other, on the steady clock. What a worker
/// has reported is not trusted.
struct item_times {
    std::uint64_t submitted = 0; // nanoseconds since the epoch of the clock
    std::uint64_t begun = 0;     // likewise, of the first item, as reported by the worker: the end of what it
                                 // did before, which may have been before the submission
    std::uint64_t each = 0; // nanoseconds that each item took, as reported by the worker; 0: not measured
};

/// What a pool counts for pool::stats. Every submitted item must end once.
///
/// Thread safety: under the pool's lock.
class item_counts {
  public:
    item_counts() = default;
    item_counts(const item_counts&) = delete;
    item_counts& operator=(const item_counts&) = delete;

    /// Keeps the counts at `place` from now on, or here again if it is null.
    void keep_at(pool_stats* place) noexcept {
        auto* const to = place == nullptr ? &own_ : place;
        if (to != stats_)
            *to = *stats_;
        stats_ = to;
    }

    void submitted(std::uint64_t items, std::uint64_t argument_bytes) noexcept {
        stats_->submitted += items;
        stats_->argument_bytes += argument_bytes;
    }
    void ended(ending how, std::uint64_t items) noexcept;
    /// Likewise, for items that ended with a value or an exception, and their times.
    ///
    /// Requires: items != 0.
    void ran(ending how, std::uint32_t items, item_times times) noexcept;
    /// The outcome of items that a worker has ended is ignored: only adds to the busy time.
    ///
    /// Requires: items != 0.
    void ran_in_vain(std::uint32_t items, item_times times) noexcept { worked(items, times); }
    void received(std::uint64_t bytes) noexcept { stats_->result_bytes += bytes; }
    void retried() noexcept { ++stats_->retried; }
    void restarted() noexcept { ++stats_->restarts; }

    /// `running`: the number of items that are running.
    ///
    /// Requires: they have not ended.
    pool_stats stats(std::uint64_t running) const noexcept;

  private:
    /// Adds to the busy time, and lets no item begin before its submission. False: the times were not
    /// measured, or cannot be true.
    bool worked(std::uint32_t items, item_times& times) noexcept;

    pool_stats own_;            // like `stats_`: but for `queued` and `running`
    pool_stats* stats_ = &own_; // or memory that procpool-top reads
};

} // namespace procpool::counting

#endif

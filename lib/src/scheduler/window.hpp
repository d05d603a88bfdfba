// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WINDOW_HPP
#define PROCPOOL_SCHEDULER_WINDOW_HPP

#include <algorithm>
#include <cstdint>
#include <limits>

// The window is the work that a worker may have beyond the item that it runs: enough that it need not wait
// for the parent, and no more, since this work may have to be taken back.

namespace procpool::scheduling {

/// The recent duration of an item. It rises at once and falls slowly: if a long task is taken for a short
/// one, other items wait behind it; the opposite mistake costs only a little speed.
class task_time {
  public:
    void add(std::uint64_t nanoseconds) noexcept {
        const auto seen = std::clamp<std::uint64_t>(nanoseconds, 1, max_nanoseconds);
        nanoseconds_ = seen > nanoseconds_ ? seen : nanoseconds_ - (nanoseconds_ - seen) / 4;
        if (nanoseconds_ - seen < 4)
            nanoseconds_ = seen;
        usual_ = usual_ == 0 ? seen : std::min(seen, 2 * usual_);
    }
    bool known() const noexcept { return nanoseconds_ != 0; }
    /// The opposite: falls at once and rises slowly, so that an item which was interrupted for lack of a CPU
    /// changes little.
    /// Requires: known.
    std::uint64_t usual() const noexcept { return usual_; }
    /// The estimated duration of `items` items; practically infinite before the first measurement.
    std::uint64_t estimate(std::uint64_t items) const noexcept {
        constexpr std::uint64_t unknown = 1'000'000'000;
        constexpr auto endless = std::numeric_limits<std::uint64_t>::max();
        const auto each = known() ? nanoseconds_ : unknown;
        if ((items | each) >> 32 == 0) // without a division
            return items * each;
        return items > endless / each ? endless : items * each;
    }

  private:
    /// A week: workers report durations, which may be absurd.
    static constexpr std::uint64_t max_nanoseconds = 604'800'000'000'000;

    std::uint64_t nanoseconds_ = 0;
    std::uint64_t usual_ = 0;
};

/// Frames that a worker may always have: the one that it runs, and one ahead.
inline constexpr std::uint32_t min_window_frames = 2;
/// Maximum number of frames of a worker: fewer than the slots of the channel.
inline constexpr std::uint32_t max_window_frames = 1000;
/// Work that a worker may have beyond the minimum: somewhat more than a wake-up takes.
inline constexpr std::uint64_t window_nanoseconds = 200'000;
/// The smallest amount of unclaimed work that is worth the cost of taking it back.
inline constexpr std::uint64_t worth_taking_nanoseconds = 20'000;

/// Shorter items are not worth waking a worker while every CPU has a worker that makes progress with them.
inline constexpr std::uint64_t short_nanoseconds = 20'000;
/// The approximate time that the parent needs to give a frame and to collect its result.
inline constexpr std::uint64_t giving_nanoseconds = 300;

/// Whether a worker that has `frames` frames of `items` items may get another one.
inline bool window_has_room(std::uint32_t frames, std::uint32_t items, const task_time& time) noexcept {
    return frames < min_window_frames ||
           (frames < max_window_frames && time.estimate(items) < window_nanoseconds);
}

} // namespace procpool::scheduling

#endif

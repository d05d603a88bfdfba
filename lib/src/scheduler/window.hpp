// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WINDOW_HPP
#define PROCPOOL_SCHEDULER_WINDOW_HPP

#include <algorithm>
#include <cstdint>
#include <limits>

// How far ahead of what it runs a worker is given work: enough that it need not wait for the parent, and no
// more than that, since what is given ahead may have to be taken back.

namespace procpool::scheduling {

/// How long an item takes, as measured lately. Rises at once and falls slowly: taking a long task for a short
/// one makes others wait behind it, the other way round costs a little speed.
class task_time {
  public:
    void add(std::uint64_t nanoseconds) noexcept {
        const auto seen = std::clamp<std::uint64_t>(nanoseconds, 1, most_nanoseconds);
        nanoseconds_ = seen > nanoseconds_ ? seen : nanoseconds_ - (nanoseconds_ - seen) / 4;
        if (nanoseconds_ - seen < 4)
            nanoseconds_ = seen;
        usual_ = usual_ == 0 ? seen : std::min(seen, 2 * usual_);
    }
    bool known() const noexcept { return nanoseconds_ != 0; }
    /// The other way round: falls at once and rises slowly, so that one that was interrupted, for want of a
    /// CPU, changes little. Requires: known.
    std::uint64_t usual() const noexcept { return usual_; }
    /// Of `items` items; as good as endless while nothing was measured.
    std::uint64_t estimate(std::uint64_t items) const noexcept {
        constexpr std::uint64_t unknown = 1'000'000'000;
        constexpr auto endless = std::numeric_limits<std::uint64_t>::max();
        const auto each = known() ? nanoseconds_ : unknown;
        if ((items | each) >> 32 == 0) // without a division
            return items * each;
        return items > endless / each ? endless : items * each;
    }

  private:
    /// A week: workers say what an item took, and may say anything.
    static constexpr std::uint64_t most_nanoseconds = 604'800'000'000'000;

    std::uint64_t nanoseconds_ = 0;
    std::uint64_t usual_ = 0;
};

/// Frames that a worker may always have: the one that it runs, and one ahead.
inline constexpr std::uint32_t least_window_frames = 2;
/// Frames that it may have at most: less than the channel has slots.
inline constexpr std::uint32_t most_window_frames = 1000;
/// Work that it may have beyond the least: somewhat more than waking somebody takes.
inline constexpr std::uint64_t window_nanoseconds = 200'000;
/// Unclaimed work that is worth the cost of taking it back.
inline constexpr std::uint64_t worth_taking_nanoseconds = 20'000;

/// Items of less than this are not worth waking a worker for while every CPU has one that gets on with them.
inline constexpr std::uint64_t short_nanoseconds = 20'000;
/// About what it takes the parent to give a frame and to collect its result.
inline constexpr std::uint64_t giving_nanoseconds = 300;

/// May a worker that has `frames` frames of `items` items be given another one?
inline bool window_has_room(std::uint32_t frames, std::uint32_t items, const task_time& time) noexcept {
    return frames < least_window_frames ||
           (frames < most_window_frames && time.estimate(items) < window_nanoseconds);
}

} // namespace procpool::scheduling

#endif

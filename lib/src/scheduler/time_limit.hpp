// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_TIME_LIMIT_HPP
#define PROCPOOL_SCHEDULER_TIME_LIMIT_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace procpool::scheduling {

/// Watches the item that one worker runs: after its time-out it must be asked to stop, and after a grace
/// period its worker must be killed. Also for an item that is asked to stop for another reason.
///
/// A pure function of its inputs, without a clock. Its owner calls `look` when the time of `next_look` has
/// come, and when another item may have started.
class time_limit {
  public:
    using time = std::chrono::steady_clock::time_point;
    using duration = std::chrono::nanoseconds;

    /// The first item without an outcome: it is running, or will run next.
    struct item {
        std::uint64_t id = 0;
        duration timeout{0};         // 0: none
        std::optional<time> since{}; // its start, if known
    };
    enum class verdict { go_on, ask_to_stop, end_worker };

    /// Returns what to do now about `current`.
    verdict look(time now, const std::optional<item>& current, duration grace) noexcept {
        next_.reset();
        if (!current)
            return verdict::go_on;
        if (asked_ && *asked_ == current->id) {
            if (now >= end_at_)
                return verdict::end_worker;
            next_ = end_at_;
            return verdict::go_on;
        }
        if (current->timeout <= duration::zero())
            return verdict::go_on;
        // If the start is unknown, the item cannot have run before now. The worker reports the start, so the
        // value is limited: an absurd one must not overflow here.
        const auto begun = current->since ? std::clamp(*current->since, std::min(time{}, now), now) : now;
        if (current->timeout > time::max() - begun)
            return verdict::go_on;
        if (begun + current->timeout > now) {
            next_ = begun + current->timeout;
            return verdict::go_on;
        }
        asked(current->id, now, grace);
        return verdict::ask_to_stop;
    }

    /// The item `id` has been asked to stop. Asking it again does not extend its time.
    void asked(std::uint64_t id, time now, duration grace) noexcept {
        if (asked_ != id)
            end_at_ = grace > time::max() - now ? time::max() : now + grace;
        asked_ = id;
        next_ = end_at_;
    }

    /// The current item has an outcome: the id of an item that was asked to stop is cleared, since ids are
    /// reused.
    void settled() noexcept { asked_.reset(); }

    /// The latest time for the next look; nullopt if no look is needed.
    std::optional<time> next_look() const noexcept { return next_; }
    /// Clears all state for a new process.
    void reset() noexcept { *this = {}; }

  private:
    std::optional<std::uint64_t> asked_;
    time end_at_{};
    std::optional<time> next_;
};

} // namespace procpool::scheduling

#endif

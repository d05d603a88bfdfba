// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_IDLE_TIMES_HPP
#define PROCPOOL_SCHEDULER_IDLE_TIMES_HPP

#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace procpool::scheduling {

/// Watches how long the processes of a scheduler with a minimum have been idle, and reports those that were idle
/// too long. While there are no more than the minimum, none may end, and their times begin anew.
///
/// A pure function of its inputs, without a clock. Its owner calls `look` when the time of `next_look` has come,
/// and whenever the scheduler has no decision left.
class idle_times {
  public:
    using time = std::chrono::steady_clock::time_point;
    using duration = std::chrono::nanoseconds;

    explicit idle_times(duration limit) noexcept : limit_(limit) {}

    /// Errors: throws std::bad_alloc.
    void grow_to(std::size_t places) {
        if (places_.size() < places)
            places_.resize(places);
    }

    /// Returns whether a process was reported, so that the scheduler may have a decision.
    bool look(scheduler& of, time now) noexcept {
        next_.reset();
        bool reported = false;
        const bool may_end = of.more_than_minimum();
        for (std::size_t place = 0; place != of.places(); ++place) {
            auto& p = places_[place];
            if (!may_end || !of.is_idle(place)) {
                p.since.reset();
                continue;
            }
            if (!p.since || p.uses != of.uses(place))
                p = {now, of.uses(place)};
            const auto end = limit_ > time::max() - *p.since ? time::max() : *p.since + limit_;
            if (end <= now) {
                of.idle_too_long(place);
                p.since.reset();
                reported = true;
            } else {
                next_ = std::min(next_.value_or(end), end);
            }
        }
        return reported;
    }

    /// The latest time for the next look; nullopt if no look is needed before something changes.
    const std::optional<time>& next_look() const noexcept { return next_; }

  private:
    struct of_place {
        std::optional<time> since; // it is idle
        std::uint64_t uses = 0;
    };

    duration limit_;
    std::vector<of_place> places_;
    std::optional<time> next_;
};

} // namespace procpool::scheduling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LIFECYCLE_LATE_ITEMS_HPP
#define PROCPOOL_LIFECYCLE_LATE_ITEMS_HPP

#include "lifecycle/orders.hpp"
#include "scheduler/scheduler.hpp"
#include "scheduler/time_limit.hpp"
#include "scheduler/work.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace procpool::pooling {

/// Decides which items run too long, and has their workers asked to stop, then killed. Also decides when the
/// clock must expire next, for these items, for idle workers that get no work, and for those that may end. scheduler/time_limit.hpp
/// has the limits of a single item.
///
/// It has no clock: the caller passes the time, and calls `expired` when the time of `next_look` has come.
///
/// Thread safety: under the pool's lock.
class late_items {
  public:
    using time = scheduling::time_limit::time;

    /// How long idle workers get no work while others have short items and make no visible progress.
    static constexpr std::chrono::milliseconds held_back_at_most{1};

    /// `grace`: the time from the request to stop until the worker is killed.
    late_items(scheduling::scheduler& decides, orders& carried_out, std::chrono::nanoseconds grace) noexcept
        : scheduler_(&decides)
        , orders_(&carried_out)
        , grace_(grace) {}
    late_items(const late_items&) = delete;
    late_items& operator=(const late_items&) = delete;

    /// An item has a time limit, or was cancelled: from now on `watch` is needed.
    void begin_watching() noexcept { watching_ = true; }
    bool watching() const noexcept { return watching_; }

    /// Looks at the current items of all workers, and asks late ones to stop or orders that their workers are
    /// killed. Returns whether the scheduler has got work back that it may give to others.
    ///
    /// `links`: a `link_table`, or what has its functions in a test.
    /// Errors: throws std::bad_alloc; then it can be called again.
    template <class Links>
    bool watch(Links& links, time now);

    /// Plans a check of held-back work, if none is planned: idle workers get no work because others seem to
    /// make progress, and no thread is awake to see whether they do.
    void plan_check(time now) noexcept;
    bool check_planned() const noexcept { return check_planned_; }
    void forget_check() noexcept { check_planned_ = false; }
    /// The clock is to expire at this time at the latest, for another reason.
    void look_by(time when) noexcept;

    /// When the clock is to expire; nullopt: it is not needed.
    const std::optional<time>& next_look() const noexcept { return next_look_; }
    /// The clock has expired.
    void expired() noexcept { next_look_.reset(); }

  private:
    template <class Link>
    bool end_late(std::size_t place, Link& link);

    scheduling::scheduler* scheduler_;
    orders* orders_;
    std::chrono::nanoseconds grace_;
    bool watching_ = false;
    bool check_planned_ = false;
    std::optional<time> next_look_;
};

template <class Links>
bool late_items::watch(Links& links, time now) {
    bool took_back = false;
    std::optional<time> next;
    const auto look_at = [&](time when) {
        next = std::min(next.value_or(when), when);
    };
    for (std::size_t i = 0; i != links.size(); ++i) {
        auto& link = links[i];
        if (!link.watched())
            continue;
        switch (link.limit().look(now, link.current(), grace_)) {
        case scheduling::time_limit::verdict::go_on:
            break;
        case scheduling::time_limit::verdict::ask_to_stop:
            orders_->give(i).stop_item = link.current()->id;
            link.current_timed_out();
            break;
        case scheduling::time_limit::verdict::end_worker:
            if (link.marked_for_kill())
                break;
            took_back = end_late(i, link) || took_back;
            if (!link.marked_for_kill())
                look_at(now);
            break;
        }
        if (const auto look = link.limit().next_look())
            look_at(*look);
    }
    if (next)
        look_by(*next);
    return took_back;
}

/// Called when the current item was asked to stop and has not stopped: its worker is killed. No other item
/// may be lost with the worker, so all items that the worker has not claimed are taken back, and it gets no
/// more. If the worker has claimed another item already, it has published the outcome of the late one, which
/// then only has to be read. Returns whether work was taken back that others may be given at once.
template <class Link>
bool late_items::end_late(std::size_t place, Link& link) {
    scheduler_->make_room(link.frames()); // a part of each frame may come back
    const auto back = link.take_back_if_unclaimed([](const scheduling::work&) { return true; });
    if (!back.what.empty())
        scheduler_->reclaimed(place, back.what, back.frames);
    if (link.anything_unread())
        return false; // this worker might get it again, and it would be taken back again
    link.mark_for_kill();
    orders_->give(place).kill = true;
    return !back.what.empty();
}

} // namespace procpool::pooling

#endif

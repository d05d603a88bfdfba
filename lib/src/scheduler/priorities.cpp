// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a scheduler decides while work has priorities.
//
// No item may start while one of a higher priority waits. So unclaimed items of a lower priority than that of
// waiting work are taken back from all workers, and stay in the backlog until the waiting items have started.
// An item waits as long as it is in the backlog, or behind another item in a worker. The only item of a worker
// has started, or does so at once.
//
// A place knows its number of items, not the priority of each: it has bounds, which are exact enough, since
// all unclaimed items that were given after the last `take_lower` have the same priority. If a bound is too
// wide, the scheduler takes back items that are not there, and the answer corrects the bound. An item that
// was claimed together with others may have started; the owner asks the worker for the items that have not
// started.

#include "scheduler/scheduler.hpp"

#include <algorithm>

namespace procpool::scheduling {

void scheduler::order_by_priority() noexcept {
    if (!by_priority_)
        for (auto& p : places_) // all work has had the priority 0
            p.lowest = p.highest = p.highest_given = 0;
    by_priority_ = true;
    backlog_.order_by_priority();
    for (auto& queue : pinned_)
        queue.order_by_priority();
}

/// Requires: no work is left.
void scheduler::order_by_position() noexcept {
    by_priority_ = false;
    backlog_.order_by_position();
    for (auto& queue : pinned_)
        queue.order_by_position();
}

/// Called before the work is counted.
void scheduler::note_priority_given(std::size_t place, const work& what) noexcept {
    auto& p = places_[place];
    p.lowest = p.frames == 0 ? what.priority : std::min(p.lowest, what.priority);
    if (p.items < 2) // an only item has started
        p.highest = p.highest_given = lowest_priority;
    if (what.pinned())
        return;
    p.highest = std::max(p.highest, what.priority);
    p.highest_given = std::max(p.highest_given, what.priority);
}

/// The highest priority of work that waits in a worker and could also run in another.
int scheduler::highest_handed_out() const noexcept {
    auto out = lowest_priority;
    for (const auto& p : places_)
        if (p.items >= 2)
            out = std::max(out, p.highest);
    return out;
}

/// The highest priority of all waiting work that any worker may run.
int scheduler::highest_waiting() const noexcept {
    const auto handed_out = highest_handed_out();
    return backlog_.empty() ? handed_out : std::max(handed_out, backlog_.front().priority);
}

action scheduler::take_lower(std::size_t place, int priority) const noexcept {
    return {action_kind::take_lower, place, {}, places_[place].items, priority};
}

/// Takes back work of a higher priority than `priority`, for an idle worker.
/// Requires: highest_handed_out() > priority.
action scheduler::take_higher(int priority) noexcept {
    std::size_t from = 0;
    for (std::size_t i = 0; i != places_.size(); ++i)
        if (places_[i].items >= 2 && (places_[from].items < 2 || places_[i].highest > places_[from].highest))
            from = i;
    asked_ = {places_[from].items / 2, priority + 1};
    return {action_kind::take_back, from, {}, asked_.items, asked_.priority};
}

/// What must be done before pinned work of this priority may be given to its worker at `place`. `ahead`:
/// highest_waiting().
action scheduler::make_way_for_pinned(std::size_t place, int priority, int ahead) noexcept {
    const auto& p = places_[place];
    if (ahead <= priority)
        return p.frames != 0 && p.lowest < priority ? take_lower(place, priority) : action();
    // The work ahead of it is in the backlog, and is given next; or in a worker, though this one is idle.
    const bool is_idle = p.frames == 0 && place < workers_ * places_each_ && may_receive(place);
    const bool is_given_next = !backlog_.empty() && backlog_.front().priority > priority;
    return is_idle && !is_given_next ? take_higher(priority) : action();
}

action scheduler::give_or_take_by_priority() {
    const auto handed_out = highest_handed_out();
    auto waiting = handed_out;
    if (!backlog_.empty() && backlog_.front().priority >= handed_out) {
        if (const auto to = choose_receiver(); to < places_.size() && places_[to].frames == 0)
            return give_first_to(to);
        waiting = backlog_.front().priority;
    }
    for (std::size_t i = 0; i != places_.size(); ++i)
        if (places_[i].frames != 0 && places_[i].lowest < waiting)
            return take_lower(i, waiting);
    if (backlog_.empty() || backlog_.front().priority == waiting)
        return give_or_take();
    return someone_is_idle() ? take_higher(backlog_.front().priority) : action();
}

} // namespace procpool::scheduling

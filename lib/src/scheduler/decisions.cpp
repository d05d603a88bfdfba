// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a scheduler decides. Its events are in scheduler.cpp.

#include "scheduler/scheduler.hpp"

#include <algorithm>

namespace procpool::scheduling {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);
constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
/// A worker that made no progress while idle workers looked for work this often runs a long item.
constexpr std::uint32_t patience = 64;
/// A worker with short items that made no progress during this many reports of others also runs a long item.
/// The number is large, since a worker may have no CPU for milliseconds, while others report every
/// microsecond.
constexpr std::uint64_t much_patience = 4'096;

} // namespace

action scheduler::next() {
    if (terminated_)
        return {};
    asked_ = {};
    if (const auto a = give_pinned(); a.kind != action_kind::none)
        return a;
    if (const auto a = take_from_unwanted(); a.kind != action_kind::none)
        return a;
    held_back_ = false;
    if (const auto a = by_priority_ ? give_or_take_by_priority() : give_or_take();
        a.kind != action_kind::none)
        return a;
    quiet_ = false; // the flag was in force until every idle worker had got work
    taken_back_ = 0;
    if (lives_may_change_) {
        if (const auto a = start_or_stop(); a.kind != action_kind::none)
            return a;
        lives_may_change_ = false;
    }
    return give_up();
}

/// Whether the worker of this place should have a process, here or at the partner place.
bool scheduler::is_wanted(std::size_t place) const noexcept {
    const auto worker = worker_at(place);
    return worker < workers_ || !pinned_[worker].empty();
}

bool scheduler::may_receive(std::size_t place) const noexcept {
    const auto& p = places_[place];
    const auto other = partner(place);
    return p.state == place_state::ready && !p.full && p.may_be_given != 0 && is_wanted(place) &&
           (other == place || places_[other].frames == 0);
}

/// Whether the worker has short items, and makes progress with them as others do.
bool scheduler::runs_short_items(const entry& p) const noexcept {
    return p.frames != 0 && p.time.known() && p.time.usual() < short_nanoseconds &&
           reports_ - p.last_report < much_patience;
}

/// The number of workers that are enough for short items: one for each CPU, since more would only take turns;
/// fewer if a frame takes them no longer than the parent needs to give one. No limit while fewer workers are
/// busy.
std::size_t scheduler::enough_workers() const noexcept {
    if (quiet_ || taken_back_ != 0 || workers_ == 1)
        return no_limit;
    std::size_t busy = 0;
    std::size_t enough = 1;
    for (const auto& p : places_) {
        if (!runs_short_items(p))
            continue;
        const auto frame = p.time.usual() * p.items / p.frames;
        enough = std::max(enough, static_cast<std::size_t>(1 + frame / giving_nanoseconds));
        if (++busy >= std::min(enough, cpus_))
            return busy;
    }
    return no_limit;
}

/// Counts for each busy worker that an idle worker, or waiting work, found nothing to take from it.
void scheduler::note_look() noexcept {
    for (auto& p : places_)
        p.looks += p.frames != 0 && p.looks < patience;
}

/// An idle worker, or else the worker with room that has the least work. If enough workers run short items,
/// one of these, from the first on, so that the others become idle.
std::size_t scheduler::choose_receiver() const noexcept {
    auto left = enough_workers();
    const bool few = left != no_limit;
    auto best = none;
    for (std::size_t i = 0; i != workers_ * places_each_ && left != 0; ++i) {
        const auto& p = places_[i];
        if (few && !runs_short_items(p))
            continue;
        --left;
        if (!may_receive(i))
            continue;
        if (p.frames == 0)
            return i;
        if (window_has_room(p.frames, p.items, p.time) && (best == none || p.items < places_[best].items))
            best = i;
    }
    return best;
}

/// The worker with the most work that may still be unclaimed; unless `any_length`, only if taking it back is
/// worth the cost.
std::size_t scheduler::choose_victim(bool any_length) const noexcept {
    auto best = none;
    std::uint64_t most = 0;
    for (std::size_t i = 0; i != places_.size(); ++i) {
        const auto& p = places_[i];
        if (p.frames == 0 || p.items < 2 || p.all_claimed)
            continue;
        const auto estimate = p.time.estimate(p.items - 1);
        const bool worth_it = any_length || estimate >= worth_taking_nanoseconds || p.looks >= patience;
        if (worth_it && (best == none || estimate > most)) {
            best = i;
            most = estimate;
        }
    }
    return best;
}

bool scheduler::someone_is_idle() const noexcept {
    for (std::size_t i = 0; i != workers_ * places_each_; ++i)
        if (places_[i].frames == 0 && may_receive(i))
            return true;
    return false;
}

void scheduler::note_given(std::size_t place, const work& what) {
    auto& p = places_[place];
    if (by_priority_)
        note_priority_given(place, what);
    p.may_be_given -= what.items;
    ++p.uses;
    p.idle_too_long = false;
    p.shared_items = std::min<std::uint64_t>(p.shared_items, p.items) + (what.pinned() ? 0 : what.items);
    if (p.frames == 0)
        p.last_report = reports_;
    ++p.frames;
    p.items += what.items;
    p.all_claimed = false;
    ++frames_;
    work_changed();
}

/// Whether work that any worker may run is to be given before this pinned work.
bool scheduler::waits_for_backlog(const work& pinned) const noexcept {
    return !backlog_.empty() && !pinned.at_once && pinned.comes_after(backlog_.front());
}

/// When it is the turn of pinned work, its worker gets it in any case, since no other worker could run it.
action scheduler::give_pinned() {
    if (pinned_count_ == 0)
        return {};
    const auto ahead = by_priority_ ? highest_waiting() : lowest_priority;
    for (std::size_t i = 0; i != places_.size(); ++i) {
        auto& queue = pinned_[worker_at(i)];
        if (queue.empty())
            continue;
        const auto priority = queue.front().priority;
        if (by_priority_)
            if (const auto a = make_way_for_pinned(i, priority, ahead); a.kind != action_kind::none)
                return a;
        if (priority < ahead || !may_receive(i) || waits_for_backlog(queue.front()))
            continue;
        const auto what = queue.front();
        note_given(i, what);
        queue.pop_front();
        --pinned_count_;
        return {action_kind::give, i, what, 0};
    }
    return {};
}

action scheduler::give_or_take() {
    if (backlog_.empty())
        return take();
    const auto to = choose_receiver();
    if (to == none) {
        held_back_ = enough_workers() != no_limit && someone_is_idle();
        if (held_back_)
            note_look();
        return {};
    }
    return give_first_to(to);
}

/// Gives the first work of the backlog.
action scheduler::give_first_to(std::size_t to) {
    auto what = backlog_.front();
    const auto room = places_[to].may_be_given;
    if (what.items <= room) {
        backlog_.pop_front();
    } else { // the rest is for the next process
        make_room(1);
        what.items = static_cast<std::uint32_t>(room);
        backlog_.front().first += what.items;
        backlog_.front().items -= what.items;
    }
    note_given(to, what);
    taken_back_ -= taken_back_ != 0;
    return {action_kind::give, to, what, 0};
}

/// A surplus worker only finishes the items that it has started.
action scheduler::take_from_unwanted() {
    for (auto i = workers_ * places_each_; i < places_.size(); ++i)
        if (places_[i].frames != 0 && !places_[i].all_claimed)
            return {action_kind::take_back, i, {}, places_[i].items};
    return {};
}

action scheduler::take() {
    if (frames_ == 0 || !someone_is_idle())
        return {};
    const auto from = enough_workers() != no_limit ? none : choose_victim(quiet_);
    if (from == none) {
        held_back_ = choose_victim(true) != none;
        note_look();
        return {};
    }
    // Half of the items: then the idle worker and the victim have about the same amount of work.
    return {action_kind::take_back, from, {}, (places_[from].items) / 2};
}

bool scheduler::is_to_stop(std::size_t place) const noexcept {
    const auto& p = places_[place];
    if (p.state != place_state::ready || p.frames != 0 || p.stop_refused)
        return false;
    return (closing_ && idle()) || p.may_be_given == 0 || !is_wanted(place);
}

/// The pool is closing and no work is left, so the starting process will not be needed.
bool scheduler::is_to_be_abandoned(std::size_t place) const noexcept {
    return closing_ && idle() && places_[place].state == place_state::starting;
}

/// Whether the process of this place will work, or works and will get more.
bool scheduler::goes_on(std::size_t place) const noexcept {
    const auto& p = places_[place];
    return p.state == place_state::starting || (p.state == place_state::ready && p.may_be_given != 0);
}

/// `grows`: `is_to_grow`.
bool scheduler::is_to_start(std::size_t place, bool grows) const noexcept {
    if ((closing_ && idle()) || places_[place].state != place_state::absent || !is_wanted(place))
        return false;
    if (const auto other = partner(place); other != place && goes_on(other))
        return false;
    return grows || !pinned_[worker_at(place)].empty();
}

/// The number of workers whose process goes on.
std::size_t scheduler::working() const noexcept {
    std::size_t out = 0;
    for (std::size_t place = 0; place != workers_ * places_each_; place += places_each_)
        out += goes_on(place) || goes_on(partner(place));
    return out;
}

/// Whether a worker that has no process is to get one. Not while a start has been given up: others would fail
/// like it, one after the other, and the work that waits would fail late.
bool scheduler::is_to_grow() const noexcept {
    if (!elastic_)
        return true;
    std::size_t starting = 0;
    bool any_idle = false;
    for (std::size_t worker = 0; worker != workers_; ++worker) {
        if (worker_given_up(worker))
            return false;
        starting += worker_starting(worker);
    }
    for (std::size_t place = 0; place != workers_ * places_each_; ++place)
        any_idle = any_idle || (places_[place].frames == 0 && may_receive(place));
    if (working() < least())
        return true;
    if (any_idle)
        return false;
    // Each process that is being started will take an item.
    auto waiting = backlog_.items_up_to(starting + 1);
    for (const auto& p : places_)
        if (p.items >= 2 && waiting <= starting)
            waiting += std::min<std::uint64_t>(p.shared_items, p.items - 1);
    return waiting > starting;
}

/// Ends one process that has been idle for too long, of the highest index, if there are more than the minimum.
action scheduler::end_idle() noexcept {
    const bool may_end = more_than_minimum();
    for (auto i = workers_ * places_each_; i-- != 0;) {
        auto& p = places_[i];
        if (!p.idle_too_long)
            continue;
        if (may_end && is_idle(i)) {
            p.state = place_state::stopping;
            return {action_kind::stop, i, {}, 0};
        }
        p.idle_too_long = false;
    }
    return {};
}

action scheduler::start_or_stop() {
    if (elastic_)
        if (const auto a = end_idle(); a.kind != action_kind::none)
            return a;
    const bool grows = is_to_grow();
    for (std::size_t i = 0; i != places_.size(); ++i) {
        auto& p = places_[i];
        if (is_to_stop(i)) {
            p.state = place_state::stopping;
            return {action_kind::stop, i, {}, 0};
        }
        if (is_to_be_abandoned(i)) {
            p.state = place_state::stopping;
            return {action_kind::abandon, i, {}, 0};
        }
        if (is_to_start(i, grows)) {
            p.state = place_state::starting;
            return {action_kind::start, i, {}, 0};
        }
    }
    return {};
}

action scheduler::give_up() {
    for (std::size_t worker = 0; pinned_count_ != 0 && worker != pinned_.size(); ++worker) {
        auto& queue = pinned_[worker];
        if (queue.empty() || !worker_given_up(worker))
            continue;
        const auto what = queue.front();
        queue.pop_front();
        --pinned_count_;
        return {action_kind::give_up, 0, what, 0};
    }
    const auto is_process = [](const entry& p) {
        return p.state != place_state::absent && p.state != place_state::given_up;
    };
    if (backlog_.empty() || std::any_of(places_.begin(), places_.end(), is_process))
        return {};
    const auto what = backlog_.front();
    backlog_.pop_front();
    return {action_kind::give_up, 0, what, 0};
}

} // namespace procpool::scheduling

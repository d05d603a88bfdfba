// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The events of a scheduler. Its decisions are in decisions.cpp.

#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace procpool::scheduling {
scheduler::scheduler(std::size_t workers, std::optional<std::size_t> items_per_process, std::size_t cpus)
    : limit_(items_per_process)
    , places_each_(items_per_process ? 2 : 1)
    , cpus_(cpus)
    , workers_(workers)
    , places_(workers * places_each_)
    , pinned_(workers) {
    make_room(0);
}

void scheduler::make_room(std::size_t pieces) {
    // A place may also return one piece that the scheduler has not given: a hook of its worker.
    backlog_.make_room(backlog_.size() + frames_ + places_.size() + pieces);
}

void scheduler::make_room_for_pinned(std::size_t worker) {
    const auto first = worker * places_each_;
    auto& queue = pinned_[worker];
    queue.make_room(queue.size() + places_[first].frames + places_[partner(first)].frames + 1);
}

/// In an open pool without an item limit and a minimum, starts and stops of processes do not depend on the work.
void scheduler::work_changed() noexcept {
    if (closing_ || limit_ || elastic_ || pinned_count_ != 0 || places_.size() != places_of(workers_))
        lives_may_change_ = true;
}

void scheduler::submitted(work what) {
    if (what.pinned())
        make_room_for_pinned(what.worker);
    else
        make_room(1);
    // Nothing below can fail.
    if (by_priority_ != (what.priority != 0)) [[unlikely]] {
        if (!by_priority_)
            order_by_priority();
        else if (idle())
            order_by_position();
    }
    what.order = submitted_++;
    if (what.pinned()) {
        pinned_[what.worker].push_back(what);
        ++pinned_count_;
    } else {
        backlog_.push_back(what);
    }
    work_changed();
}

/// Puts work that comes back before all other work, in its order; or where its priority requires.
void scheduler::put_first(std::span<const work> what) noexcept {
    // Needs no memory, unless more pieces come back than were given.
    backlog_.make_room(backlog_.size() + what.size());
    for (auto it = what.rbegin(); it != what.rend(); ++it) {
        if (it->pinned()) {
            auto& queue = pinned_[it->worker];
            queue.make_room(queue.size() + 1);
            queue.push_front(*it);
            ++pinned_count_;
        } else {
            backlog_.push_front(*it);
        }
    }
    work_changed();
}

void scheduler::refused(std::size_t place, work what) noexcept {
    auto& p = places_[place];
    p.full = true;
    --p.frames;
    p.items -= what.items;
    p.may_be_given += what.items;
    --frames_;
    put_first({&what, 1});
}

void scheduler::stop_refused(std::size_t place) noexcept {
    auto& p = places_[place];
    p.state = place_state::ready;
    p.full = true;
    p.stop_refused = true;
    ++stops_refused_;
}

void scheduler::may_have_room(std::size_t place) noexcept {
    auto& p = places_[place];
    p.full = false;
    if (std::exchange(p.stop_refused, false)) {
        --stops_refused_;
        lives_may_change_ = true;
    }
}

void scheduler::started(std::size_t place) noexcept {
    auto& p = places_[place];
    p.state = place_state::ready;
    lives_may_change_ = true;
    p.idle_too_long = false;
    ++p.uses;
    p.done_since_start = 0;
    p.may_be_given = limit_.value_or(std::numeric_limits<std::uint64_t>::max() / 2);
}

void scheduler::finished(std::size_t place, std::uint32_t frames, std::uint32_t items,
                         std::uint64_t nanoseconds) noexcept {
    auto& p = places_[place];
    p.frames -= frames;
    p.items -= items;
    frames_ -= frames;
    p.items_done += items;
    p.done_since_start += items;
    p.failures = 0;
    p.full = false;
    p.all_claimed = false;
    p.looks = 0;
    p.last_report = ++reports_;
    if (nanoseconds != 0)
        p.time.add(nanoseconds);
    work_changed();
}

void scheduler::revoked(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept {
    auto& p = places_[place];
    p.frames -= frames;
    frames_ -= frames;
    for (const auto& each : what) {
        p.items -= each.items;
        p.may_be_given += each.items;
    }
    work_changed();
}

void scheduler::reclaimed(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept {
    revoked(place, what, frames);
    auto& p = places_[place];
    if (const auto asked = std::exchange(asked_, {}); asked.items == 0) {
        p.all_claimed = what.empty();
    } else {
        std::uint32_t items = 0;
        for (const auto& each : what)
            items += each.items;
        if (items < asked.items) // none are left
            p.highest = std::min(p.highest, asked.priority - 1);
    }
    taken_back_ = what.size();
    put_first(what);
}

void scheduler::lower_taken(std::size_t place, int priority, const std::vector<work>& what,
                            std::uint32_t frames) noexcept {
    revoked(place, what, frames);
    places_[place].lowest = priority;
    put_first(what);
}

void scheduler::died(std::size_t place, const std::vector<work>& unbegun, bool could_work) noexcept {
    auto& p = places_[place];
    const bool came_to_nothing = p.state != place_state::stopping && p.done_since_start == 0 && !could_work;
    frames_ -= p.frames;
    p.frames = 0;
    p.items = 0;
    may_have_room(place);
    p.all_claimed = false;
    p.done_since_start = 0;
    p.time = {};
    p.failures = came_to_nothing ? p.failures + 1 : 0;
    p.state = p.failures < start_attempts ? place_state::absent : place_state::given_up;
    lives_may_change_ = true;
    put_first(unbegun);
}

void scheduler::make_room_for_workers(std::size_t workers) {
    const auto places = std::max(places_.size(), workers * places_each_);
    backlog_.make_room(backlog_.size() + frames_ + places);
    places_.reserve(places);
    pinned_.reserve(workers);
}

void scheduler::resize(std::size_t workers) {
    make_room_for_workers(workers);
    // Nothing below can fail.
    workers_ = workers;
    lives_may_change_ = true;
    if (places_.size() < workers * places_each_) {
        places_.resize(workers * places_each_);
        pinned_.resize(workers);
        if (by_priority_)
            order_by_priority();
    }
    for (auto& p : places_) {
        if (p.state == place_state::given_up) {
            p.state = place_state::absent;
            p.failures = 0;
        }
    }
}

std::vector<work> scheduler::withdrawn(const std::function<bool(const work&)>& unwanted) {
    std::vector<work> out;
    out.reserve(backlog()); // the last step that can fail
    const auto remove_from = [&](work_queue& queue) {
        queue.remove_if([&](const work& each) {
            if (unwanted(each))
                out.push_back(each);
            return unwanted(each);
        });
    };
    for (auto& queue : pinned_)
        remove_from(queue);
    pinned_count_ -= out.size();
    remove_from(backlog_);
    lives_may_change_ = true;
    return out;
}

void scheduler::quiet() noexcept {
    quiet_ = true;
}

void scheduler::terminate() noexcept {
    closing_ = true;
    terminated_ = true;
    lives_may_change_ = true;
}

std::optional<work> scheduler::take_abandoned() noexcept {
    for (auto& queue : pinned_) {
        if (queue.empty())
            continue;
        const auto out = queue.front();
        queue.pop_front();
        --pinned_count_;
        return out;
    }
    if (backlog_.empty())
        return std::nullopt;
    const auto out = backlog_.front();
    backlog_.pop_front();
    return out;
}

bool scheduler::worker_ready(std::size_t worker) const noexcept {
    const auto first = worker * places_each_;
    return ready(first) || ready(partner(first));
}

bool scheduler::worker_given_up(std::size_t worker) const noexcept {
    const auto first = worker * places_each_;
    return places_[first].state == place_state::given_up &&
           places_[partner(first)].state == place_state::given_up;
}

bool scheduler::worker_starting(std::size_t worker) const noexcept {
    const auto first = worker * places_each_;
    return places_[first].state == place_state::starting ||
           places_[partner(first)].state == place_state::starting;
}

bool scheduler::worker_there(std::size_t worker) const noexcept {
    const auto first = worker * places_each_;
    const auto is_there = [](const entry& p) {
        return p.state != place_state::absent && p.state != place_state::given_up;
    };
    return is_there(places_[first]) || is_there(places_[partner(first)]);
}

bool scheduler::ended() const noexcept {
    const bool no_worker_left = std::all_of(places_.begin(), places_.end(), [](const entry& p) {
        return p.state == place_state::absent || p.state == place_state::given_up;
    });
    return no_worker_left && closing_ && (terminated_ || idle());
}

} // namespace procpool::scheduling

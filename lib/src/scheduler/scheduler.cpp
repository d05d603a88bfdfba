// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// What a scheduler is told. What it decides: decisions.cpp.

#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <limits>

namespace procpool::scheduling {
scheduler::scheduler(std::size_t workers, std::optional<std::size_t> items_per_process, std::size_t cpus)
    : limit_(items_per_process)
    , places_each_(items_per_process ? 2 : 1)
    , cpus_(cpus)
    , workers_(workers)
    , places_(workers * places_each_)
    , pinned_(workers) {}

/// In an open pool without a limit of items, processes come and go whatever there is to do.
void scheduler::work_changed() noexcept {
    if (closing_ || limit_ || pinned_count_ != 0 || places_.size() != places_of(workers_))
        lives_may_change_ = true;
}

void scheduler::submitted(work what) {
    if (what.pinned) {
        pinned_[what.first].push_back(what);
        ++pinned_count_;
    } else {
        backlog_.push_back(what);
    }
    work_changed();
}

/// What comes back keeps its order, before all else.
void scheduler::put_first(std::span<const work> what) {
    for (auto it = what.rbegin(); it != what.rend(); ++it) {
        if (it->pinned) {
            pinned_[it->first].push_front(*it);
            ++pinned_count_;
        } else {
            backlog_.push_front(*it);
        }
    }
    work_changed();
}

void scheduler::refused(std::size_t place, work what) {
    auto& p = places_[place];
    p.full = true;
    --p.frames;
    p.items -= what.items;
    p.may_be_given += what.items;
    --frames_;
    put_first({&what, 1});
}

void scheduler::started(std::size_t place) {
    auto& p = places_[place];
    p.state = place_state::ready;
    lives_may_change_ = true;
    p.done_since_start = 0;
    p.may_be_given = limit_.value_or(std::numeric_limits<std::uint64_t>::max() / 2);
}

void scheduler::finished(std::size_t place, std::uint32_t frames, std::uint32_t items,
                         std::uint64_t nanoseconds) {
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

void scheduler::gave_back(std::size_t place, const std::vector<work>& what, std::uint32_t frames) {
    auto& p = places_[place];
    p.frames -= frames;
    frames_ -= frames;
    for (const auto& each : what) {
        p.items -= each.items;
        p.may_be_given += each.items;
    }
    work_changed();
}

void scheduler::took_back(std::size_t place, const std::vector<work>& what, std::uint32_t frames) {
    gave_back(place, what, frames);
    places_[place].all_claimed = what.empty();
    taken_back_ = what.size();
    put_first(what);
}

void scheduler::died(std::size_t place, const std::vector<work>& unbegun, bool could_work) {
    auto& p = places_[place];
    const bool came_to_nothing = p.state != place_state::stopping && p.done_since_start == 0 && !could_work;
    frames_ -= p.frames;
    p.frames = 0;
    p.items = 0;
    p.full = false;
    p.all_claimed = false;
    p.done_since_start = 0;
    p.time = {};
    p.failures = came_to_nothing ? p.failures + 1 : 0;
    p.state = p.failures < start_attempts ? place_state::absent : place_state::given_up;
    lives_may_change_ = true;
    put_first(unbegun);
}

void scheduler::resize(std::size_t workers) {
    workers_ = workers;
    lives_may_change_ = true;
    if (places_.size() < workers * places_each_) {
        places_.resize(workers * places_each_);
        pinned_.resize(workers);
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
    const auto remove_from = [&](std::deque<work>& queue) {
        const auto kept = std::stable_partition(queue.begin(), queue.end(),
                                                [&](const work& each) { return !unwanted(each); });
        out.insert(out.end(), kept, queue.end());
        queue.erase(kept, queue.end());
    };
    for (auto& queue : pinned_)
        remove_from(queue);
    pinned_count_ -= out.size();
    remove_from(backlog_);
    lives_may_change_ = true;
    return out;
}

void scheduler::quiet() {
    quiet_ = true;
}

std::vector<work> scheduler::terminate() {
    closing_ = true;
    terminated_ = true;
    return withdrawn([](const work&) { return true; });
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

bool scheduler::ended() const noexcept {
    const bool nobody_left = std::all_of(places_.begin(), places_.end(), [](const entry& p) {
        return p.state == place_state::absent || p.state == place_state::given_up;
    });
    return nobody_left && closing_ && (terminated_ || idle());
}

} // namespace procpool::scheduling

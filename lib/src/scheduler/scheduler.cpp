// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <limits>

namespace procpool::scheduling {
namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);
/// A worker that made no progress while others looked for work this often runs something long.
constexpr std::uint32_t patience = 64;

} // namespace

scheduler::scheduler(std::size_t workers, std::optional<std::size_t> items_per_process)
    : limit_(items_per_process)
    , workers_(items_per_process ? 2 * workers : workers) {}

void scheduler::refused(std::size_t index, work what) {
    auto& w = workers_[index];
    w.full = true;
    --w.frames;
    w.items -= what.items;
    w.may_be_given += what.items;
    --frames_;
    backlog_.push_front(what);
}

void scheduler::started(std::size_t index) {
    auto& w = workers_[index];
    w.state = worker_state::ready;
    w.done_since_start = 0;
    w.may_be_given = limit_.value_or(std::numeric_limits<std::uint64_t>::max() / 2);
}

void scheduler::finished(std::size_t index, std::uint32_t frames, std::uint32_t items,
                         std::uint64_t nanoseconds) {
    auto& w = workers_[index];
    w.frames -= frames;
    w.items -= items;
    frames_ -= frames;
    w.items_done += items;
    w.done_since_start += items;
    w.failures = 0;
    w.full = false;
    w.all_claimed = false;
    w.looks = 0;
    if (nanoseconds != 0)
        w.time.add(nanoseconds);
}

void scheduler::gave_back(std::size_t index, const std::vector<work>& what, std::uint32_t frames) {
    auto& w = workers_[index];
    w.frames -= frames;
    frames_ -= frames;
    for (const auto& each : what) {
        w.items -= each.items;
        w.may_be_given += each.items;
    }
}

void scheduler::took_back(std::size_t index, const std::vector<work>& what, std::uint32_t frames) {
    gave_back(index, what, frames);
    workers_[index].all_claimed = what.empty();
    backlog_.insert(backlog_.begin(), what.begin(), what.end());
}

void scheduler::died(std::size_t index, const std::vector<work>& unbegun, bool could_work) {
    auto& w = workers_[index];
    const bool came_to_nothing = w.state != worker_state::stopping && w.done_since_start == 0 && !could_work;
    frames_ -= w.frames;
    w.frames = 0;
    w.items = 0;
    w.full = false;
    w.all_claimed = false;
    w.done_since_start = 0;
    w.time = {};
    w.failures = came_to_nothing ? w.failures + 1 : 0;
    w.state = w.failures < start_attempts ? worker_state::absent : worker_state::given_up;
    backlog_.insert(backlog_.begin(), unbegun.begin(), unbegun.end());
}

std::vector<work> scheduler::withdrawn(const std::function<bool(const work&)>& unwanted) {
    const auto kept = std::stable_partition(backlog_.begin(), backlog_.end(),
                                            [&](const work& each) { return !unwanted(each); });
    std::vector<work> out(kept, backlog_.end());
    backlog_.erase(kept, backlog_.end());
    return out;
}

void scheduler::quiet() {
    quiet_ = true;
}

std::vector<work> scheduler::terminate() {
    closing_ = true;
    terminated_ = true;
    std::vector<work> abandoned(backlog_.begin(), backlog_.end());
    backlog_.clear();
    return abandoned;
}

bool scheduler::ended() const noexcept {
    const bool nobody_left = std::all_of(workers_.begin(), workers_.end(), [](const entry& w) {
        return w.state == worker_state::absent || w.state == worker_state::given_up;
    });
    return nobody_left && closing_ && (terminated_ || idle());
}

action scheduler::next() {
    if (const auto a = give_or_take(); a.kind != action_kind::none)
        return a;
    quiet_ = false; // until here it held, so that every idle worker got something
    return start_or_stop();
}

bool scheduler::may_receive(std::size_t index) const noexcept {
    const auto& w = workers_[index];
    const auto other = partner(index);
    return w.state == worker_state::ready && !w.full && w.may_be_given != 0 &&
           (other == index || workers_[other].frames == 0);
}

/// The idle worker, or else the one with the least to do that has room.
std::size_t scheduler::choose_receiver() const noexcept {
    auto best = nobody;
    for (std::size_t i = 0; i != workers_.size(); ++i) {
        const auto& w = workers_[i];
        if (!may_receive(i))
            continue;
        if (w.frames == 0)
            return i;
        if (window_has_room(w.frames, w.items, w.time) && (best == nobody || w.items < workers_[best].items))
            best = i;
    }
    return best;
}

/// The worker with the most work that may still be unclaimed. Unless `any_length`, only one where that is
/// worth the trouble.
std::size_t scheduler::choose_victim(bool any_length) const noexcept {
    auto best = nobody;
    std::uint64_t most = 0;
    for (std::size_t i = 0; i != workers_.size(); ++i) {
        const auto& w = workers_[i];
        if (w.frames == 0 || w.items < 2 || w.all_claimed)
            continue;
        const auto estimate = w.time.estimate(w.items - 1);
        const bool worth_it = any_length || estimate >= worth_taking_nanoseconds || w.looks >= patience;
        if (worth_it && (best == nobody || estimate > most)) {
            best = i;
            most = estimate;
        }
    }
    return best;
}

action scheduler::give_or_take() {
    if (terminated_)
        return {};
    if (!backlog_.empty()) {
        const auto to = choose_receiver();
        if (to == nobody)
            return {};
        auto& w = workers_[to];
        auto what = backlog_.front();
        if (what.items <= w.may_be_given) {
            backlog_.pop_front();
        } else { // the rest is for the next process
            what.items = static_cast<std::uint32_t>(w.may_be_given);
            backlog_.front().first += what.items;
            backlog_.front().items -= what.items;
        }
        w.may_be_given -= what.items;
        ++w.frames;
        w.items += what.items;
        w.all_claimed = false;
        ++frames_;
        return {action_kind::give, to, what, 0};
    }
    if (frames_ == 0)
        return {};
    bool someone_is_idle = false;
    for (std::size_t i = 0; i != workers_.size() && !someone_is_idle; ++i)
        someone_is_idle = workers_[i].frames == 0 && may_receive(i);
    if (!someone_is_idle)
        return {};
    const auto from = choose_victim(quiet_);
    if (from == nobody) {
        for (auto& w : workers_)
            w.looks += w.frames != 0;
        return {};
    }
    // Half of the rest: the idle worker and the victim then have as much to do.
    return {action_kind::take_back, from, {}, (workers_[from].items) / 2};
}

bool scheduler::is_to_stop(std::size_t index) const noexcept {
    const auto& w = workers_[index];
    if (terminated_ || w.state != worker_state::ready || w.frames != 0)
        return false;
    return (closing_ && idle()) || w.may_be_given == 0;
}

bool scheduler::is_to_start(std::size_t index) const noexcept {
    if (terminated_ || (closing_ && idle()) || workers_[index].state != worker_state::absent)
        return false;
    const auto& other = workers_[partner(index)];
    const bool other_goes_on = other.state == worker_state::starting ||
                               (other.state == worker_state::ready && other.may_be_given != 0);
    return &other == &workers_[index] || !other_goes_on;
}

action scheduler::start_or_stop() {
    bool anybody = false;
    for (std::size_t i = 0; i != workers_.size(); ++i) {
        auto& w = workers_[i];
        if (is_to_stop(i)) {
            w.state = worker_state::stopping;
            return {action_kind::stop, i, {}, 0};
        }
        if (is_to_start(i)) {
            w.state = worker_state::starting;
            return {action_kind::start, i, {}, 0};
        }
        anybody = anybody || (w.state != worker_state::absent && w.state != worker_state::given_up);
    }
    if (!anybody && !terminated_ && !backlog_.empty()) {
        const auto what = backlog_.front();
        backlog_.pop_front();
        return {action_kind::give_up, 0, what, 0};
    }
    return {};
}

} // namespace procpool::scheduling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Which items run too long, by the clock. What is decided stands in scheduler/time_limit.hpp.

#include "pool/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace procpool::pooling {
namespace {

/// How long idle workers are given nothing while others have short items and nothing is heard of them.
constexpr std::chrono::milliseconds held_back_at_most{1};

} // namespace

/// Under the lock: sees to it that the clock is looked at when it must be. Returns whether there may be work
/// to be given now.
bool supervisor::watch_clock() {
    bool took_back = false;
    std::optional<scheduling::time_limit::time> next;
    const auto look_at = [&](scheduling::time_limit::time when) {
        next = std::min(next.value_or(when), when);
    };
    const auto now = scheduling::time_limit::time::clock::now();
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = links_[i];
        if (!link.watched())
            continue;
        switch (link.limit().look(now, link.current(), options_.terminate_grace)) {
        case scheduling::time_limit::verdict::go_on:
            break;
        case scheduling::time_limit::verdict::ask_to_stop:
            ask_to_stop(i, link.current()->id);
            link.current_timed_out();
            break;
        case scheduling::time_limit::verdict::end_worker:
            if (link.condemned())
                break;
            took_back = end_late(i) || took_back;
            if (!link.condemned())
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

void supervisor::look_by(scheduling::time_limit::time when) noexcept {
    if (next_look_ && *next_look_ <= when)
        return;
    next_look_ = when;
    clock_to_be_set_ = true;
    have_orders_seen();
}

/// Idle workers are given nothing, since others are thought to get on, while nobody is awake to see that they
/// do: somebody looks later.
void supervisor::look_after_held_back() noexcept {
    if (!std::exchange(looks_after_held_back_, true))
        look_by(scheduling::time_limit::time::clock::now() + held_back_at_most);
}

void supervisor::set_clock() {
    const lock held(mutex_);
    if (next_look_) {
        loop_->clock.expires_at(*next_look_); // cancels an earlier wait
        loop_->clock.async_wait([this](boost::system::error_code error) {
            if (!error)
                look_at_clock();
        });
    }
    clock_to_be_set_ = false;
}

void supervisor::look_at_clock() {
    delivery out;
    const lock held(mutex_);
    next_look_.reset();
    if (terminated_)
        return;
    if (std::exchange(looks_after_held_back_, false) && sleep_ != channel::sleep::awake)
        scheduler_.quiet();
    try {
        drain(out); // an item that has ended is not late
    } catch (...) {
        leave_outcomes(out);
        throw;
    }
    leave_outcomes(out);
}

void supervisor::ask_to_stop(std::size_t place, std::uint64_t item) noexcept {
    order_for(place).stop_item = item;
}

/// Under the lock. What runs at `place` was asked to stop and has not, so its worker is killed, and nothing
/// else is to be lost with it: the worker is to begin nothing more. So it keeps nothing that it has not
/// claimed, and gets nothing. If it has claimed something else already, then it published the late item's
/// outcome before, and goes on: that outcome only has to be read. Returns whether anything was taken back
/// that others may be given at once.
bool supervisor::end_late(std::size_t place) {
    auto& link = links_[place];
    scheduler_.make_room(link.frames()); // of each, a part may come back
    const auto back = link.take_back_if_unclaimed([](const scheduling::work&) { return true; });
    if (!back.what.empty())
        scheduler_.took_back(place, back.what, back.frames);
    if (link.anything_unread())
        return false; // this worker might get it again, and it would be taken back again
    link.condemn();
    kill(place);
    return !back.what.empty();
}

void supervisor::kill(std::size_t place) noexcept {
    order_for(place).kill = true;
}

} // namespace procpool::pooling

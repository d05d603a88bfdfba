// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROTOCOL_PARENT_HPP
#define PROCPOOL_TEST_PROTOCOL_PARENT_HPP

#include "support/protocol_model.hpp"

#include <algorithm>
#include <cstdint>

// The parent's steps in the model of the protocol.
namespace procpool::test {

/// As worker_link::drain_last and worker_link::left, after everything that was published has been read.
inline void protocol_model::bury(state& s) const {
    const bool in_place =
        s.building_place == s.read || wrong == mistake::building_is_not_checked_for_its_place;
    if (s.building_items != 0 && in_place)
        settle(s, {s.begun_record.frame, s.begun_record.first, s.building_items});
    bool lost = false;
    for (std::uint8_t frame = 0; frame != s.request_head; ++frame) {
        for (std::uint8_t i = 0; i != s.end[frame]; ++i) {
            const auto item = frame * 2u + i;
            if (s.outcomes[item] != outcome::none)
                continue;
            const bool began = i < s.next[frame] && !lost;
            settle(s, item, began ? outcome::lost : outcome::unbegun);
            lost = lost || began;
        }
    }
    s.parent = parent_at::done;
}

template <class Emit>
void protocol_model::parent_steps(const state& from, Emit emit) const {
    auto to = from;
    const bool asks_first = wrong == mistake::parent_asks_before_it_publishes;
    switch (from.parent) {
    case parent_at::open:
        to.next[from.request_head] = 0;
        to.end[from.request_head] = 2;
        to.parent = asks_first ? parent_at::ask : parent_at::publish;
        to.parent_then = asks_first ? parent_at::publish : parent_at::collect;
        return emit(to, "parent opens a claim");
    case parent_at::publish:
        ++to.request_head;
        to.parent = asks_first ? parent_at::collect : parent_at::ask;
        return emit(to, "parent publishes");
    case parent_at::ask:
        to.parent = from.worker_asleep ? parent_at::exchange : from.parent_then;
        return emit(to, "parent asks");
    case parent_at::exchange:
        to.worker_asleep = 0;
        to.parent = from.worker_asleep ? parent_at::ring : from.parent_then;
        return emit(to, "parent exchanges");
    case parent_at::ring:
        to.worker_bell = 1;
        to.parent = from.parent_then;
        return emit(to, "parent rings");
    case parent_at::collect:
        return collect(from, emit);
    case parent_at::sleep_say:
        to.parent_asleep = 1;
        to.parent =
            wrong == mistake::sleeper_looks_only_once ? parent_at::sleep_block : parent_at::sleep_look;
        return emit(to, "parent says that it sleeps");
    case parent_at::sleep_look:
        to.parent =
            from.response_head != from.read || may_write(from) ? parent_at::wake_up : parent_at::sleep_block;
        return emit(to, "parent looks again");
    case parent_at::sleep_block:
        if (!from.parent_bell && !from.dead) // an end of file also wakes the parent
            return;
        to.parent_bell = 0;
        to.parent = parent_at::wake_up;
        return emit(to, "parent is woken");
    case parent_at::wake_up:
        to.parent_asleep = 0;
        to.parent = parent_at::collect;
        return emit(to, "parent wakes up");
    case parent_at::done:
        return;
    }
}

/// Reads a record, releases it, writes the second frame, takes items back, settles a dead worker's items, or
/// sleeps.
template <class Emit>
void protocol_model::collect(const state& from, Emit emit) const {
    auto to = from;
    if (from.response_head != from.read) {
        settle(to, from.published[from.read]);
        ++to.read;
        return emit(to, "parent reads");
    }
    if (from.response_tail != from.read) {
        to.response_tail = from.read;
        const bool forgets = wrong == mistake::parent_forgets_to_ask_after_reading;
        to.parent = forgets ? parent_at::collect : parent_at::ask;
        to.parent_then = parent_at::collect;
        return emit(to, "parent releases");
    }
    for (std::uint8_t frame = 0; !from.has_taken_back && frame != from.request_head; ++frame) {
        for (std::uint8_t at_most = 1; at_most != 3; ++at_most) {
            auto took = from;
            took.has_taken_back = 1;
            for (auto i = at_most; i != 0 && took.next[frame] != took.end[frame]; --i)
                settle(took, frame * 2u + --took.end[frame], outcome::taken_back);
            emit(took, "parent takes back");
        }
    }
    if (may_write(from)) {
        to.parent = parent_at::open;
        return emit(to, "parent goes on writing");
    }
    if (std::find(from.outcomes.begin(), from.outcomes.end(), outcome::none) == from.outcomes.end())
        to.parent = parent_at::done;
    else if (from.dead)
        bury(to);
    else
        to.parent = parent_at::sleep_say;
    emit(to, "parent has read all");
}

} // namespace procpool::test

#endif

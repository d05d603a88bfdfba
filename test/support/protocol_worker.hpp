// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROTOCOL_WORKER_HPP
#define PROCPOOL_TEST_PROTOCOL_WORKER_HPP

#include "support/protocol_model.hpp"

#include <cstdint>

// The worker's steps in the model of the protocol.
namespace procpool::test {

template <class Emit>
void protocol_model::claim(const state& from, Emit emit) const {
    const auto frame = from.passed;
    const bool reads_first = wrong == mistake::claim_is_no_single_step;
    if (from.worker == worker_at::claim && reads_first) {
        auto to = from;
        to.seen_next = from.next[frame];
        to.seen_end = from.end[frame];
        to.worker = worker_at::claim_store;
        return emit(to, "worker reads a claim");
    }
    const auto next = reads_first ? from.seen_next : from.next[frame];
    const auto end = reads_first ? from.seen_end : from.end[frame];
    if (next >= end) {
        auto to = from;
        if (from.record_items != 0)
            begin_publishing(to, worker_at::pass);
        else
            to.worker = worker_at::pass;
        return emit(to, "worker finds nothing to claim");
    }
    for (std::uint8_t last = next + 1u; last <= end; ++last) {
        auto to = from;
        to.next[frame] = last;
        to.end[frame] = end;
        to.item = next;
        to.claimed_end = last;
        to.worker = worker_at::begin;
        emit(to, "worker claims");
    }
}

/// After the last results of a frame, the worker asks only once: when it has passed the frame.
inline protocol_model::worker_at protocol_model::after_publishing(const state& from) const {
    const bool asks_later =
        from.worker_then == worker_at::pass && wrong != mistake::worker_passes_without_asking;
    return asks_later ? worker_at::pass : worker_at::ask;
}

template <class Emit>
void protocol_model::worker_steps(const state& from, Emit emit) const {
    auto to = from;
    const auto item = from.passed * 2u + from.item;
    const bool looks_once = wrong == mistake::sleeper_looks_only_once;
    const bool has_room = from.response_head - from.response_tail < room_for_records;
    switch (from.worker) {
    case worker_at::look:
        to.worker = from.request_head != from.passed ? worker_at::next : worker_at::idle_say;
        return emit(to, "worker looks for a frame");
    case worker_at::idle_say:
        to.worker_asleep = 1;
        to.worker = looks_once ? worker_at::idle_block : worker_at::idle_look;
        return emit(to, "worker says that it sleeps");
    case worker_at::idle_look:
        to.worker = from.request_head != from.passed ? worker_at::idle_wake_up : worker_at::idle_block;
        return emit(to, "worker looks again");
    case worker_at::idle_block:
    case worker_at::room_block:
        if (!from.worker_bell)
            return;
        to.worker_bell = 0;
        to.worker = from.worker == worker_at::idle_block ? worker_at::idle_say : worker_at::room_say;
        return emit(to, "worker is woken");
    case worker_at::idle_wake_up:
    case worker_at::room_wake_up:
        to.worker_asleep = 0;
        to.worker = from.worker == worker_at::idle_wake_up ? worker_at::look : worker_at::open;
        return emit(to, "worker wakes up");
    case worker_at::next: // the worker publishes now or later
        if (from.record_items != 0) {
            begin_publishing(to, worker_at::claim);
            emit(to, "worker begins to publish");
        }
        to = from;
        to.worker = worker_at::claim;
        return emit(to, "worker goes on");
    case worker_at::claim:
    case worker_at::claim_store:
        return claim(from, emit);
    case worker_at::begin:
        ++to.times_begun[item];
        to.worker = from.record_is_open ? worker_at::store : worker_at::open;
        return emit(to, "worker runs an item");
    case worker_at::open:
        if (has_room) {
            to.record_is_open = 1;
            to.begun_record = {from.passed, from.item, 0};
        }
        to.worker = has_room ? worker_at::store : worker_at::room_say;
        return emit(to, "worker opens a record");
    case worker_at::room_say:
        to.worker_asleep = 1;
        to.worker = looks_once ? worker_at::room_block : worker_at::room_look;
        return emit(to, "worker says that it waits for room");
    case worker_at::room_look:
        to.worker = has_room ? worker_at::room_wake_up : worker_at::room_block;
        return emit(to, "worker looks for room again");
    case worker_at::store:
        ++to.record_items;
        to.building_place = from.response_head;
        to.building_items = to.record_items;
        to.kept[item] = 1;
        ++to.item;
        to.worker = to.item == from.claimed_end ? worker_at::next : worker_at::begin;
        return emit(to, "worker keeps a result");
    case worker_at::publish:
        to.published[from.response_head] = from.begun_record;
        to.published[from.response_head].items = from.record_items;
        ++to.response_head;
        to.record_items = to.record_is_open = 0;
        to.worker = wrong == mistake::building_is_cleared_before_publishing ? after_publishing(from)
                                                                            : worker_at::clear_building;
        return emit(to, "worker publishes");
    case worker_at::clear_building:
        to.building_place = to.building_items = 0;
        to.worker = wrong == mistake::building_is_cleared_before_publishing ? worker_at::publish
                    : wrong == mistake::worker_asks_before_it_publishes     ? from.worker_then
                                                                            : after_publishing(from);
        return emit(to, "worker clears what it builds");
    case worker_at::ask:
    case worker_at::exchange:
    case worker_at::ring: {
        const auto after =
            wrong == mistake::worker_asks_before_it_publishes ? worker_at::publish : from.worker_then;
        if (from.worker == worker_at::ring)
            to.parent_bell = 1;
        else if (from.worker == worker_at::exchange)
            to.parent_asleep = 0;
        const bool sleeps = from.worker != worker_at::ring && from.parent_asleep;
        to.worker = !sleeps ? after : from.worker == worker_at::ask ? worker_at::exchange : worker_at::ring;
        return emit(to, "worker asks, exchanges or rings");
    }
    case worker_at::pass:
        ++to.passed;
        to.worker_then = worker_at::look;
        to.worker = wrong == mistake::worker_passes_without_asking ||
                            wrong == mistake::worker_asks_before_it_publishes
                        ? worker_at::look
                        : worker_at::ask;
        return emit(to, "worker passes a frame");
    }
}

} // namespace procpool::test

#endif

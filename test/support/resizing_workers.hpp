// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RESIZING_WORKERS_HPP
#define PROCPOOL_TEST_RESIZING_WORKERS_HPP

#include "support/resizing_model.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

// The workers in the model of resizing, and the thread that starts them and sees their ends.
namespace procpool::test {

inline void resizing_model::bury(state& s, std::uint8_t i) const {
    auto& p = s.of[i];
    const auto before = s.outcomes;
    drain(s, i);
    for (auto last = p.account.size(); last != 0; --last) {
        const auto item = p.account.of[static_cast<std::size_t>(last - 1)];
        const bool had_begun =
            std::find(p.ring.of.begin(), p.ring.of.end(), item | claimed) != p.ring.of.end();
        if (had_begun) {
            settle(s, static_cast<std::uint8_t>(item - 1));
            s.lost[static_cast<std::size_t>(item - 1)] = 1;
        } else {
            s.backlog.push_front(item);
        }
    }
    if (s.holds == peeks::at_memory && s.link == i) {
        const bool retires = s.collecting && wrong != mistake::unmaps_what_is_peeked_at;
        s.holds = retires ? peeks::at_retired : peeks::at_unmapped;
    }
    p = {};
    if (wrong != mistake::looks_not_when_one_has_ended)
        s.lives_may_change = 1;
    if (s.outcomes != before)
        s.bell |= s.sleeps; // the outcomes are left to the collector
    notify(s);
}

/// The io_context's thread.
template <class Emit>
void resizing_model::manage(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    if (from.lock != unlocked)
        return;
    auto to = from;
    auto& p = to.of[i];
    if (was.start) {
        to.two_at_a_place = was.worker != worker_at::none;
        p.start = 0;
        p.worker = worker_at::start;
        emit(to, "a process is started");
    } else if (was.expect_end && was.worker != worker_at::ended) {
        p.expect_end = 0;
        p.end_expected = 1;
        emit(to, "an end is expected");
    } else if (was.said_ready && !was.connected) {
        p.connected = 1;
        p.state = life::ready;
        p.parent_asleep = wrong == mistake::tells_new_workers_nothing ? std::uint8_t{0} : from.sleeps;
        to.lives_may_change |= wrong != mistake::looks_not_when_one_is_ready;
        notify(to);
        to.lock = io;
        emit(to, "a worker is ready");
    } else if (was.worker == worker_at::ended && !was.hung_up) {
        if (wrong != mistake::carries_out_no_order_of_an_end)
            p.end_expected |= std::exchange(p.expect_end, std::uint8_t{0});
        p.hung_up = 1;
        to.killed_what_it_started = was.in_order && !p.end_expected;
        emit(to, "a worker hangs up");
    } else if (was.hung_up) {
        to.lock = io;
        bury(to, i);
        emit(to, "a worker has ended");
    }
}

template <class Emit>
void resizing_model::work(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    auto to = from;
    auto& p = to.of[i];
    const bool frame = !was.ring.empty();
    switch (was.worker) {
    case worker_at::none:
    case worker_at::asleep:
    case worker_at::ended:
        return;
    case worker_at::start:
        p.said_ready = 1;
        p.worker = worker_at::claim;
        return emit(to, "worker says that it is ready");
    case worker_at::claim: // a frame stays in the ring until it is claimed
        if (!frame) {
            p.worker = was.goodbye ? worker_at::look_before_goodbye : worker_at::asleep;
        } else if ((was.ring.of[0] & taken) != 0) {
            p.ring.pop_front();
            p.worker = worker_at::ask;
        } else {
            p.ring.of[0] |= claimed;
            p.worker = worker_at::run;
        }
        return emit(to, "worker looks for a frame, and claims");
    case worker_at::run:
        ++to.times_run[static_cast<std::size_t>((was.ring.of[0] & 0xfU) - 1)];
        ++p.unread;
        p.worker = worker_at::ask;
        p.ring.pop_front();
        return emit(to, "worker runs an item, publishes, and passes its frame");
    case worker_at::ask:
        to.bell |= std::exchange(p.parent_asleep, std::uint8_t{0});
        p.worker = worker_at::claim;
        return emit(to, "worker asks, and rings");
    case worker_at::look_before_goodbye:
        p.worker = frame ? worker_at::claim : worker_at::ended;
        p.in_order = !frame;
        return emit(to, "worker looks for a frame before goodbye");
    }
}

} // namespace procpool::test

#endif

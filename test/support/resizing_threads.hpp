// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RESIZING_THREADS_HPP
#define PROCPOOL_TEST_RESIZING_THREADS_HPP

#include "support/resizing_model.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

// The threads of the parent in the model of resizing, except the io_context's.
namespace procpool::test {

/// Takes the next decision; if there is none, releases the lock.
template <class Emit>
void resizing_model::decide(const state& from, Emit emit) const {
    auto to = from;
    for (std::uint8_t i = from.wanted; i < from.known; ++i) {
        if (from.of[i].account.empty() || from.of[i].all_claimed)
            continue;
        auto& p = to.of[i];
        const auto last = static_cast<std::uint8_t>(p.account.size() - 1);
        const auto item = p.account.of[last];
        const auto at = std::find(p.ring.of.begin(), p.ring.of.end(), item); // unclaimed
        p.all_claimed = at == p.ring.of.end();
        if (!p.all_claimed) {
            *at |= taken;
            p.account.of[last] = 0;
            to.backlog.push_front(item);
        }
        work_changed(to);
        return emit(to, "an item is taken back");
    }
    bool given = false;
    for (std::uint8_t i = 0; i != from.wanted && !from.backlog.empty(); ++i) {
        if (from.of[i].state != life::ready || from.of[i].ring.full())
            continue;
        to = from;
        auto& p = to.of[i];
        p.ring.push_back(from.backlog.of[0]);
        p.account.push_back(from.backlog.of[0]);
        p.all_claimed = 0;
        p.wake = 1;
        to.backlog.pop_front();
        work_changed(to);
        emit(to, "an item is given");
        given = true;
    }
    if (given)
        return;
    for (std::uint8_t i = 0; from.lives_may_change && i != from.known; ++i) {
        to = from;
        auto& p = to.of[i];
        if (p.state == life::ready && p.account.empty() && i >= from.wanted) {
            p.state = life::stopping;
            p.expect_end = p.goodbye = 1;
            p.wake |= wrong != mistake::says_goodbye_in_silence;
            return emit(to, "a worker is asked to leave");
        }
        const bool leaves = p.state == life::stopping && wrong == mistake::starts_where_one_leaves;
        if ((p.state == life::absent || leaves) && i < from.wanted) {
            p.state = life::starting;
            p.start = 1;
            return emit(to, "a worker is to start");
        }
    }
    unlock(from, emit);
}

/// Rings the bells; then the thread that has decided continues.
template <class Emit>
void resizing_model::unlock(const state& from, Emit emit) const {
    auto to = from;
    to.lives_may_change = 0;
    to.unknown = from.table > from.known; // the scheduler must know the place of each link
    for (auto& p : to.of)
        if (std::exchange(p.wake, std::uint8_t{0}) != 0 && p.worker == worker_at::asleep)
            p.worker = worker_at::claim;
    if (from.lock == collector && from.where == collector_at::quiet) {
        to.where = collector_at::say;
        return emit(to, "collector is going to sleep");
    }
    to.lock = unlocked;
    if (from.lock == collector)
        to.where = all_settled(from) ? collector_at::leave : collector_at::peek_table;
    else if (from.lock >= first_resizer)
        to.resizers[static_cast<std::size_t>(from.lock - first_resizer)].where = resizer_at::wait;
    emit(to, "a thread unlocks");
}

template <class Emit>
void resizing_model::collect(const state& from, Emit emit) const {
    auto to = from;
    const auto known_table = wrong == mistake::sleeps_by_the_old_table ? from.seen_table : from.table;
    switch (from.where) {
    case collector_at::drain:
        if (from.lock != unlocked)
            return;
        to.lock = collector;
        for (std::uint8_t i = 0; i != from.table; ++i)
            drain(to, i);
        to.where = collector_at::read;
        return emit(to, "collector drains");
    case collector_at::read:
    case collector_at::quiet:
        return; // it decides: see `decide`
    case collector_at::peek_table:
    case collector_at::peek_link:
    case collector_at::peek_memory:
        return peek(from, emit);
    case collector_at::lock_again:
        if (from.lock != unlocked)
            return;
        to.lock = collector;
        to.where = collector_at::quiet;
        return emit(to, "collector has seen nothing");
    case collector_at::say: { // and checks again
        bool anything = all_settled(from);
        for (std::uint8_t i = 0; i != known_table; ++i)
            anything = anything || from.of[i].unread != 0;
        if (!anything)
            sleep_as(to, 1, known_table);
        to.where = anything ? collector_at::drain : collector_at::sleep;
        to.seen_table = 0;
        to.lock = unlocked;
        return emit(to, "collector looks again, or sleeps");
    }
    case collector_at::sleep:
        if (!from.bell || from.lock != unlocked)
            return;
        to.bell = 0;
        sleep_as(to, 0, from.table);
        to.where = collector_at::drain;
        return emit(to, "collector is woken");
    case collector_at::leave:
        if (from.lock != unlocked)
            return;
        to.collecting = to.seen_table = 0;
        to.where = collector_at::done;
        return emit(to, "collector has all, and leaves");
    case collector_at::done:
        return;
    }
}

/// Without the lock.
template <class Emit>
void resizing_model::peek(const state& from, Emit emit) const {
    auto to = from;
    bool is_next = true;
    switch (from.where) {
    case collector_at::peek_table:
        to.seen_table = from.table;
        to.seen_freed = to.link = 0;
        to.where = collector_at::peek_link;
        return emit(to, "collector loads the table");
    case collector_at::peek_link:
        to.freed_read = from.seen_freed;
        to.holds = from.of[from.link].connected ? peeks::at_memory : peeks::at_nothing;
        to.where = collector_at::peek_memory;
        return emit(to, "collector loads where a worker publishes");
    default:
        break;
    }
    to.unmapped_read = from.holds == peeks::at_unmapped;
    to.holds = peeks::at_nothing;
    if (from.holds == peeks::at_memory)
        is_next = from.of[from.link].unread == 0;
    if (from.holds == peeks::at_retired || !is_next) { // a worker that is gone may have published
        to.where = collector_at::drain;
        forget_peeking(to);
        emit(to, "collector sees something");
        to = from;
        to.holds = peeks::at_nothing;
    }
    if (!is_next)
        return;
    ++to.link;
    to.where = to.link == from.seen_table ? collector_at::lock_again : collector_at::peek_link;
    if (to.where == collector_at::lock_again)
        forget_peeking(to);
    emit(to, "collector sees nothing");
}

template <class Emit>
void resizing_model::submit(const state& from, std::uint8_t i, Emit emit) const {
    // The threads are alike, so the first one submits first.
    if (from.submitted[i] || from.lock != unlocked || (i != 0 && !from.submitted[0]))
        return;
    auto to = from;
    to.submitted[i] = 1;
    to.lock = static_cast<std::uint8_t>(first_submitter + i);
    to.backlog.push_back(static_cast<std::uint8_t>(i + 1));
    work_changed(to);
    emit(to, "an item is submitted");
}

template <class Emit>
void resizing_model::resize(const state& from, std::uint8_t i, Emit emit) const {
    if (has_resized(from, i) || from.lock != unlocked)
        return; // waits for the lock, or has it and decides
    auto to = from;
    auto& self = to.resizers[i];
    const auto size = size_of(from, i);
    const auto is_ready = [&] {
        return from.wanted != size || std::all_of(from.of.begin(), from.of.begin() + size,
                                                  [](const place& p) { return p.state == life::ready; });
    };
    switch (self.where) {
    case resizer_at::resize:
        if (size > from.table) {
            if (wrong == mistake::frees_old_tables && from.seen_table != 0)
                to.seen_freed = 1;
            to.table = size;
            if (wrong == mistake::grows_before_the_scheduler) {
                self.where = resizer_at::know;
                return emit(to, "the table grows");
            }
        }
        [[fallthrough]];
    case resizer_at::know:
        to.lock = static_cast<std::uint8_t>(first_resizer + i);
        to.known = std::max(from.known, size);
        to.wanted = size;
        to.lives_may_change = 1;
        self.where = resizer_at::act;
        return emit(to, size < from.wanted ? "the pool is to shrink" : "the pool is to grow");
    case resizer_at::act:
    case resizer_at::sleep:
        return;
    case resizer_at::wait:
        self.where = resizer_at::sleep;
        if (is_ready()) {
            ++self.done;
            self.where = resizer_at::resize;
        }
        return emit(to, "a thread looks whether the pool has its size");
    }
}

} // namespace procpool::test

#endif

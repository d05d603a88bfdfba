// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RETRYING_STEPS_HPP
#define PROCPOOL_TEST_RETRYING_STEPS_HPP

#include "support/retrying_model.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

// The steps of the parent and of the workers in the model of retried items.
namespace procpool::test {

template <class Emit>
void retrying_model::give(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    if (from.pieces == 0 || was.done != was.end || was.marked_for_kill || was.published)
        return;
    auto to = from;
    auto& w = to.of[i];
    const auto what = from.backlog[0];
    std::rotate(to.backlog.begin(), to.backlog.begin() + 1, to.backlog.end());
    to.backlog.back() = {};
    --to.pieces;
    w.first = w.done = w.next = what.first;
    w.end = w.claim_end = what.end;
    w.published = 1;
    w.frame = was.passed;
    if (w.where == worker_at::asleep)
        w.where = worker_at::claim;
    emit(to, "parent gives");
}

template <class Emit>
void retrying_model::watch(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    if (was.done == was.end)
        return;
    auto to = from;
    auto& w = to.of[i];
    if (was.asked == current(was)) {
        if (was.marked_for_kill)
            return;
        make_room(to, 1);
        const piece back{std::max(was.next, was.done), was.claim_end};
        take_back(w);
        if (back.first < back.end)
            put_first(to, back);
        to.parent = parent_at::look_unread;
        to.at = i;
        return emit(to, "the grace is over, and parent takes back");
    }
    if (was.running != current(was)) // an item that has not started is not late
        return;
    w.asked = current(was);
    w.stop = {current(was), from.tries[was.done]};
    if (wrong != mistake::asks_without_noting)
        w.timed_out = w.stop;
    if (wrong == mistake::tries_again_at_once) {
        make_room(to, 1);
        if (may_retry(to, was.done))
            put_first(to, {was.done, static_cast<std::uint8_t>(was.done + 1)});
    }
    emit(to, "the time of an item is up");
}

template <class Emit, class Accident>
void retrying_model::read(const state& from, std::uint8_t i, Emit emit, Accident accident) const {
    const auto& was = from.of[i];
    if (was.unread == 0)
        return;
    auto to = from;
    if (was.timed_out.name != 0 && wrong != mistake::makes_no_room_for_the_late) {
        if (memory_fails && !from.failed_allocations) {
            to.failed_allocations = 1;
            accident(to, "parent has no memory, and will read later");
            to = from;
        }
        make_room(to, 1);
    }
    read_record(to, i);
    emit(to, "parent reads");
}

/// A step of the io_context's thread.
template <class Emit>
void retrying_model::manage(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    if (was.where == worker_at::dead)
        return;
    auto to = from;
    auto& w = to.of[i];
    if (was.kill) {
        w.kill = 0;
        w.where = worker_at::dead;
        to.wrong_kill = !was.marked_for_kill;
        emit(to, "parent kills");
    } else if (was.stop.name != 0) { // replaces a request that is on its way
        w.request = std::exchange(w.stop, named{});
        emit(to, "parent sends a request to stop");
    }
}

/// Settles the items of a dead worker, which changes nothing meanwhile. A replacement comes at once.
template <class Emit, class Accident>
void retrying_model::bury(const state& from, std::uint8_t i, Emit emit, Accident accident) const {
    if (from.of[i].where != worker_at::dead)
        return;
    auto to = from;
    auto& w = to.of[i];
    const bool may_fail = memory_fails && !from.failed_allocations;
    make_room(to, w.timed_out.name != 0);
    while (w.unread != 0)
        read_record(to, i);
    auto read = to; // the state if memory runs out here
    const bool had_begun = w.published && w.next > w.done && w.done != w.end;
    const piece unbegun{static_cast<std::uint8_t>(w.done + had_begun), w.end};
    bool again = false;
    const auto lost = w.done;
    if (had_begun) {
        const bool is_late = w.timed_out.name == current(w);
        if (to.job_cancelled)
            settle(to, lost, outcome::cancelled);
        else if (is_late && wrong == mistake::tries_again_at_once)
            ; // the item is in the backlog already
        else if (wrong == mistake::counts_no_try_of_the_lost || may_retry(to, lost))
            again = true;
        else
            settle(to, lost, is_late ? outcome::late : outcome::lost);
    }
    if (may_fail) {
        if (wrong == mistake::settles_before_it_has_room)
            read = to;
        read.failed_allocations = 1;
        accident(read, "parent has no memory, and will bury later");
    }
    make_room(to, 2);
    if (unbegun.first < unbegun.end)
        put_first(to, unbegun);
    if (again)
        put_first(to, {lost, static_cast<std::uint8_t>(lost + 1)});
    const auto dead = std::exchange(w, worker{});
    if (wrong == mistake::keeps_what_timed_out) {
        w.timed_out = dead.timed_out;
        w.asked = dead.asked;
    }
    if (wrong == mistake::keeps_a_stop_of_the_dead)
        w.stop = dead.stop;
    if (wrong == mistake::keeps_a_kill_of_the_dead)
        w.kill = dead.kill;
    emit(to, "parent buries, and a replacement comes");
}

/// The steps of a parent that has the lock.
template <class Emit>
void retrying_model::go_on(const state& from, Emit emit) const {
    auto to = from;
    auto& w = to.of[from.at];
    switch (from.parent) {
    case parent_at::unlocked:
        return;
    case parent_at::look_unread:
        if (w.unread == 0)
            w.marked_for_kill = w.kill = 1;
        to.parent = parent_at::unlocked;
        to.at = 0;
        return emit(to, "parent looks for outcomes");
    case parent_at::cancel_take:
        for (auto item = std::max(w.next, w.done); item < w.claim_end; ++item)
            settle(to, item, outcome::cancelled);
        take_back(w);
        to.parent = parent_at::cancel_drain;
        return emit(to, "canceller takes back");
    case parent_at::cancel_drain:
        make_room(to, w.timed_out.name != 0);
        while (w.unread != 0)
            read_record(to, from.at);
        to.parent = parent_at::cancel_take;
        if (++to.at == workers) {
            to.at = 0;
            to.parent =
                wrong == mistake::withdraws_before_it_drains ? parent_at::cancel : parent_at::withdraw;
        }
        return emit(to, "canceller reads");
    case parent_at::withdraw:
        for (std::uint8_t i = 0; i != from.pieces; ++i)
            for (auto item = from.backlog[i].first; item != from.backlog[i].end; ++item)
                settle(to, item, outcome::cancelled);
        to.backlog = {};
        to.pieces = 0;
        to.parent = wrong == mistake::withdraws_before_it_drains ? parent_at::cancel_take : parent_at::cancel;
        return emit(to, "canceller withdraws what waits");
    case parent_at::cancel:
        for (auto& each : to.of)
            if (each.done != each.end) {
                to.job_cancelled = 1;
                each.asked = current(each);
                each.stop = {name_of(each.frame, whole), from.tries[each.done]};
            }
        to.has_cancelled = 1;
        to.parent = parent_at::unlocked;
        return emit(to, "canceller asks what runs to stop");
    }
}

template <class Emit>
void retrying_model::hear(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    if (was.request.name == 0 || was.where == worker_at::dead)
        return;
    auto to = from;
    auto& w = to.of[i];
    w.request = {};
    // The requested item has ended, or it runs: an item that is asked to stop has started, and its name is
    // not reused yet.
    const auto now = name_of(was.passed, was.item - was.first);
    if (was.where == worker_at::run && (was.request.name == now || was.request.name == (now | whole))) {
        w.heard = 1;
        to.wrong_stop = was.request.of_try != from.tries[was.item];
    }
    emit(to, "a request to stop arrives");
}

template <class Emit>
void retrying_model::work(const state& from, std::uint8_t i, Emit emit) const {
    const auto& was = from.of[i];
    auto to = from;
    auto& w = to.of[i];
    switch (was.where) {
    case worker_at::claim:
        if (!was.published) {
            w.where = worker_at::asleep;
            return emit(to, "worker finds no frame");
        }
        if (was.next >= was.claim_end) {
            w.published = w.running = 0;
            w.where = worker_at::asleep;
            ++w.passed;
            return emit(to, "worker passes a frame");
        }
        w.item = was.next;
        ++w.next;
        ++to.tries[w.item];
        to.begun_when_cancelled = from.has_cancelled;
        for (std::uint8_t other = 0; other != workers; ++other)
            to.at_two_workers = to.at_two_workers || (other != i && from.of[other].where == worker_at::run &&
                                                      from.of[other].item == w.item);
        w.where = worker_at::run;
        return emit(to, "worker claims");
    case worker_at::run:
        if (was.running != name_of(was.passed, was.item - was.first)) {
            w.running = name_of(was.passed, was.item - was.first);
            return emit(to, "worker notes which item begins");
        }
        to.cut_short[was.item] = was.heard;
        w.heard = 0;
        w.where = worker_at::publish;
        return emit(to, "an item ends");
    case worker_at::publish:
        ++w.unread;
        w.item = 0;
        w.where = worker_at::claim;
        return emit(to, "worker publishes");
    case worker_at::asleep:
    case worker_at::dead:
        return;
    }
}

} // namespace procpool::test

#endif

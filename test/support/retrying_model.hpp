// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RETRYING_MODEL_HPP
#define PROCPOOL_TEST_RETRYING_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// Items that are run again because they were late or their worker died, as a model: one call, of which each
// item may be late in each try, one or two workers, a worker that dies, a thread that cancels, and one
// allocation that fails. Each step is one access to memory that the parent and a worker share, or the work of
// the parent under its lock between two such accesses. The parts of the model, and the code that they stand
// for:
//
//     give       scheduler::next, worker_link::give. A piece goes to any worker that has nothing.
//     watch      late_items::watch, end_late
//     read       supervisor::drain, worker_link::settle, pass_on
//     bury       supervisor::worker_ended, read_what_is_left, settle_lost, worker_link::left, connect
//     cancel     supervisor::cancel, cancel_unbegun, worker_link::cancel_current
//     manage     supervisor::carry_out_orders_for
//     work       serve.cpp, frame_runner, running_item
//
// A worker has one frame at a time, and publishes each outcome separately, as with all timed items.

namespace procpool::test {

struct retrying_model {
    static constexpr std::uint8_t max_items = 3, max_workers = 2, max_pieces = 4;

    enum class mistake {
        none,
        tries_again_at_once,      // when the time is up, instead of when there is an outcome
        asks_without_noting,      // that any outcome is late from then on
        keeps_what_timed_out,     // when another process comes
        keeps_a_stop_of_the_dead, // an order, for the process that comes
        keeps_a_kill_of_the_dead,
        counts_no_try_of_the_lost,
        settles_before_it_has_room, // for the leftovers of a worker, and starts again if there is none
        makes_no_room_for_the_late, // in the backlog
        tries_again_what_is_cancelled,
        withdraws_before_it_drains, // so the items that have just been late are not in the backlog yet
    };

    enum class worker_at : std::uint8_t { claim, run, publish, asleep, dead };
    enum class parent_at : std::uint8_t {
        unlocked,
        look_unread,
        cancel_take,
        cancel_drain,
        withdraw,
        cancel
    };
    enum class outcome : std::uint8_t { none, finished, late, lost, cancelled };

    /// Items [first, end) of the call.
    struct piece {
        std::uint8_t first, end;

        bool operator==(const piece&) const = default;
    };
    /// A channel::item_id, 0 for none, and the try of the item for which it was made, which the code does not
    /// know.
    struct named {
        std::uint8_t name, of_try;

        bool operator==(const named&) const = default;
    };
    struct worker {
        // The account: items [done, end) of the frame have no outcome.
        std::uint8_t first, done, end, frame;
        named timed_out;
        std::uint8_t asked, marked_for_kill;
        // Orders for the io_context's thread, and the request that it has sent.
        named stop, request;
        std::uint8_t kill;
        // Shared: a frame, its claim word, the last started item, records, frames passed.
        std::uint8_t published, next, claim_end, running, unread, passed;
        // The process.
        worker_at where;
        std::uint8_t item, heard;

        bool operator==(const worker&) const = default;
    };
    struct state {
        std::array<worker, max_workers> of;
        std::array<piece, max_pieces> backlog;
        std::uint8_t started, pieces, room;
        parent_at parent;
        std::uint8_t at, job_cancelled, has_cancelled;
        std::array<std::uint8_t, max_items> retried;
        // What happened.
        std::uint8_t deaths, failed_allocations;
        std::array<outcome, max_items> outcomes;
        std::array<std::uint8_t, max_items> tries, cut_short;
        std::uint8_t twice, no_room, wrong_stop, wrong_kill, thrown_away, cut_short_counts, given_up_early,
            begun_when_cancelled, at_two_workers;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    std::uint8_t items = 2, workers = 1, retries = 1;
    bool dies = false, cancels = false, memory_fails = false;

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident accident) const {
        if (!from.started) {
            auto to = from;
            to.started = 1;
            make_room(to, 1);
            put_first(to, {0, items});
            return emit(to, "a call is submitted");
        }
        if (from.parent == parent_at::unlocked && cancels && !from.has_cancelled) {
            auto to = from;
            to.parent =
                wrong == mistake::withdraws_before_it_drains ? parent_at::withdraw : parent_at::cancel_take;
            to.at = 0;
            emit(to, "a thread begins to cancel");
        }
        if (from.parent != parent_at::unlocked)
            go_on(from, emit);
        for (std::uint8_t i = 0; i != workers; ++i) {
            work(from, i, emit);
            hear(from, i, emit);
            if (from.parent == parent_at::unlocked) {
                give(from, i, emit);
                watch(from, i, emit);
                read(from, i, emit, accident);
                manage(from, i, emit);
                bury(from, i, emit, accident);
            }
            if (dies && from.deaths == 0 && from.of[i].where != worker_at::dead) {
                auto to = from;
                ++to.deaths;
                to.of[i].where = worker_at::dead;
                accident(to, "a worker dies");
            }
        }
    }

    std::string_view fault(const state& s, bool is_end) const {
        if (s.twice)
            return "an item has two outcomes";
        if (s.no_room)
            return "work comes back for which there is no room";
        if (s.wrong_stop)
            return "a try is asked to stop that is not late";
        if (s.wrong_kill)
            return "a worker is killed that has nothing late";
        if (s.thrown_away)
            return "a result is thrown away";
        if (s.cut_short_counts)
            return "what was cut short counts";
        if (s.given_up_early)
            return "an item fails that may be tried again";
        if (s.begun_when_cancelled)
            return "an item is begun that is cancelled";
        if (s.at_two_workers)
            return "an item runs at two workers";
        for (const auto each : s.tries)
            if (each > 1 + retries)
                return "an item is tried too often";
        if (is_end && std::count(s.outcomes.begin(), s.outcomes.end(), outcome::none) != max_items - items)
            return "an item has no outcome";
        return {};
    }

  private:
    // The steps of the parent under its lock.
    template <class Emit>
    void give(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void watch(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit, class Accident>
    void read(const state& from, std::uint8_t i, Emit emit, Accident accident) const;
    template <class Emit>
    void manage(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit, class Accident>
    void bury(const state& from, std::uint8_t i, Emit emit, Accident accident) const;
    template <class Emit>
    void go_on(const state& from, Emit emit) const;

    template <class Emit>
    void work(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void hear(const state& from, std::uint8_t i, Emit emit) const;

    /// The name of an item in a frame; the frames of a process are counted from 0. Bits 0 and 1: `whole`, the
    /// frame.
    static constexpr std::uint8_t whole = 3;
    static std::uint8_t name_of(std::uint8_t frame, int item) {
        return static_cast<std::uint8_t>(0x80 | frame << 2 | item);
    }
    static std::uint8_t current(const worker& w) { return name_of(w.frame, w.done - w.first); }

    /// See scheduler::make_room.
    void make_room(state& s, std::uint8_t more) const {
        auto needed = static_cast<std::uint8_t>(s.pieces + workers + more);
        for (const auto& w : s.of)
            needed = static_cast<std::uint8_t>(needed + (w.done != w.end));
        s.room = std::max(s.room, needed);
    }
    static void put_first(state& s, piece what) {
        s.no_room = s.no_room || s.pieces == s.room || s.pieces == max_pieces;
        if (s.no_room)
            return;
        std::rotate(s.backlog.begin(), s.backlog.end() - 1, s.backlog.end());
        s.backlog[0] = what;
        ++s.pieces;
    }
    bool may_retry(state& s, std::uint8_t item) const {
        return s.retried[item] != retries && ++s.retried[item] != 0;
    }
    void settle(state& s, std::uint8_t item, outcome how) const {
        s.twice = s.twice || s.outcomes[item] != outcome::none;
        s.outcomes[item] = how;
        if (how == outcome::late || how == outcome::lost)
            s.given_up_early = s.given_up_early || s.tries[item] != 1 + retries;
        s.cut_short_counts = s.cut_short_counts || (how == outcome::finished && s.cut_short[item]);
    }
    void read_record(state& s, std::uint8_t i) const;
    static void take_back(worker& w) { w.claim_end = w.end = std::min(w.claim_end, w.next); }
    static void forget_current(worker& w) {
        w.timed_out = {};
        w.asked = 0;
    }
};

/// Reads the first unread record: see worker_link::pass_on.
inline void retrying_model::read_record(state& s, std::uint8_t i) const {
    auto& w = s.of[i];
    const auto item = w.done;
    const bool is_late = w.timed_out.name == current(w);
    s.thrown_away = s.thrown_away || (is_late && w.timed_out.of_try != s.tries[item]);
    if (s.job_cancelled && !(is_late && wrong == mistake::tries_again_what_is_cancelled))
        settle(s, item, outcome::cancelled);
    else if (!is_late)
        settle(s, item, outcome::finished);
    else if (wrong != mistake::tries_again_at_once) {
        if (may_retry(s, item))
            put_first(s, {item, static_cast<std::uint8_t>(item + 1)});
        else
            settle(s, item, outcome::late);
    }
    --w.unread;
    ++w.done;
    forget_current(w);
}

} // namespace procpool::test

#endif

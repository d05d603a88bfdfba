// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RESIZING_MODEL_HPP
#define PROCPOOL_TEST_RESIZING_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

// A pool that grows and shrinks while it works, as a model: one or two threads submit an item each, one
// collects, one or two resize, and the io_context's thread starts processes and sees their ends. There are
// two places for workers. Each step is one decision under the pool's lock, or one access to shared memory
// without the lock. The parts of the model, and the code that they stand for:
//
//     submit     supervisor::submit, by a thread that does not wait for results
//     resize     supervisor::resize, link_table::grow_to, scheduler::resize
//     decide     scheduler::next, supervisor::carry_out. An item goes to any worker that may have it.
//     collect    supervisor::collect_until. Whether another thread collects next: see protocol/collecting.cpp
//     peek       link_table::peek, worker_link::peek
//     manage     supervisor::carry_out_orders_for, worker_connected, worker_hung_up
//     bury       supervisor::worker_ended
//     work       serve.cpp, frame_runner. Why a worker looks once more before it sleeps: see protocol_model
//
// A frame has one item. The memory of a worker that has ended is unmapped at once, or when the collecting
// thread stops collecting.

namespace procpool::test {

/// Entries are not 0; the first one is the next.
template <std::size_t Room>
struct model_queue {
    std::array<std::uint8_t, Room> of;

    bool operator==(const model_queue&) const = default;

    std::uint8_t size() const {
        return static_cast<std::uint8_t>(std::find(of.begin(), of.end(), 0) - of.begin());
    }
    bool empty() const { return of[0] == 0; }
    bool full() const { return of[Room - 1] != 0; }
    void push_back(std::uint8_t what) { of[size()] = what; }
    void push_front(std::uint8_t what) {
        std::rotate(of.begin(), of.end() - 1, of.end());
        of[0] = what;
    }
    void pop_front() {
        of[0] = 0;
        std::rotate(of.begin(), of.begin() + 1, of.end());
    }
};

struct resizing_model {
    static constexpr std::uint8_t max_items = 2;
    static constexpr std::uint8_t places = 2;
    static constexpr std::uint8_t max_frames = 4; // in a ring, including the ones that were taken back
    // Holders of the lock. The numbers of the submitting and of the resizing threads are consecutive.
    static constexpr std::uint8_t unlocked = 0, collector = 1, io = 2, first_submitter = 3, first_resizer = 5;

    enum class mistake {
        none,
        frees_old_tables,           // when the table grows
        unmaps_what_is_peeked_at,   // when a worker has ended
        tells_new_workers_nothing,  // of how the parent sleeps
        sleeps_by_the_old_table,    // the collector: by the table at which it peeked
        grows_before_the_scheduler, // and releases the lock in between
        says_goodbye_in_silence,
        starts_where_one_leaves,
        looks_not_when_one_is_ready,   // whether the worker is still wanted
        looks_not_when_one_has_ended,  // whether its place is wanted again
        looks_not_when_work_is_done,   // whether a surplus worker has finished
        carries_out_no_order_of_an_end // before it checks whether an end is expected
    };

    enum class life : std::uint8_t { absent, starting, ready, stopping };
    enum class worker_at : std::uint8_t { none, start, claim, asleep, look_before_goodbye, run, ask, ended };
    enum class collector_at : std::uint8_t {
        drain,
        read, // has the lock, as in `quiet` and `say`
        peek_table,
        peek_link,
        peek_memory,
        lock_again,
        quiet,
        say,
        sleep,
        leave,
        done
    };
    enum class resizer_at : std::uint8_t { resize, know, act, wait, sleep };
    enum class peeks : std::uint8_t { at_nothing, at_memory, at_retired, at_unmapped };

    // An entry of a ring is an item + 1, perhaps with one of these flags.
    static constexpr std::uint8_t claimed = 0x10, taken = 0x20;

    struct place {
        // The scheduler's state, and the orders for the io_context's thread.
        life state;
        std::uint8_t all_claimed, start, expect_end;
        // The link's state.
        std::uint8_t connected, wake;
        model_queue<max_items> account; // items without an outcome, each + 1
        // The process, and the memory shared with it.
        std::uint8_t said_ready, end_expected, hung_up;
        model_queue<max_frames> ring;
        std::uint8_t goodbye, parent_asleep, unread;
        worker_at worker;
        std::uint8_t in_order;

        bool operator==(const place&) const = default;
    };
    struct resizer {
        resizer_at where;
        std::uint8_t done; // sizes

        bool operator==(const resizer&) const = default;
    };
    struct state {
        std::array<place, places> of;
        std::uint8_t started, lock;
        // The scheduler, and the table of links.
        std::uint8_t wanted, known, table, lives_may_change;
        model_queue<max_items> backlog;
        // The threads.
        collector_at where;
        std::uint8_t collecting, sleeps, bell, seen_table, seen_freed, link;
        peeks holds;
        std::array<resizer, 2> resizers;
        std::array<std::uint8_t, max_items> submitted;
        // What happened.
        std::uint8_t deaths, freed_read, unmapped_read, unknown, two_at_a_place, killed_what_it_started,
            twice;
        std::array<std::uint8_t, max_items> times_run, outcomes, lost;

        bool operator==(const state&) const = default;
    };

    using sizes = std::array<std::uint8_t, 3>; // 0: no more

    mistake wrong = mistake::none;
    std::array<sizes, 2> scripts{};
    std::uint8_t items = max_items;
    bool one_dies = false;

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident accident) const {
        if (!from.started) {
            auto to = from;
            to.started = to.wanted = to.known = to.table = to.collecting = 1;
            to.of[0].state = life::ready;
            to.of[0].connected = 1;
            to.of[0].worker = worker_at::claim;
            return emit(to, "start");
        }
        if (from.lock != unlocked && is_deciding(from))
            decide(from, emit);
        collect(from, emit);
        for (std::uint8_t i = 0; i != items; ++i)
            submit(from, i, emit);
        for (std::uint8_t i = 0; i != 2; ++i)
            resize(from, i, emit);
        for (std::uint8_t i = 0; i != places; ++i) {
            manage(from, i, emit);
            work(from, i, emit);
            const auto& p = from.of[i];
            if (one_dies && from.deaths == 0 && p.connected && p.worker != worker_at::ended) {
                auto to = from;
                to.deaths = 1;
                to.of[i].worker = worker_at::ended;
                accident(to, "a worker dies");
            }
        }
    }

    std::string_view fault(const state& s, bool is_end) const;

  private:
    template <class Emit>
    void decide(const state& from, Emit emit) const;
    template <class Emit>
    void unlock(const state& from, Emit emit) const;
    template <class Emit>
    void collect(const state& from, Emit emit) const;
    template <class Emit>
    void peek(const state& from, Emit emit) const;
    template <class Emit>
    void submit(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void resize(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void manage(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void work(const state& from, std::uint8_t i, Emit emit) const;

    static bool is_deciding(const state& s) {
        return s.lock != collector || s.where == collector_at::read || s.where == collector_at::quiet;
    }
    bool all_settled(const state& s) const {
        return std::count(s.outcomes.begin(), s.outcomes.end(), 1) == items;
    }
    std::uint8_t size_of(const state& s, std::uint8_t i) const { return scripts[i][s.resizers[i].done]; }
    bool has_resized(const state& s, std::uint8_t i) const {
        return s.resizers[i].done == scripts[i].size() || size_of(s, i) == 0;
    }
    void work_changed(state& s) const {
        if (s.known != s.wanted && wrong != mistake::looks_not_when_work_is_done)
            s.lives_may_change = 1;
    }
    static void settle(state& s, std::uint8_t item) {
        s.twice = s.twice || s.outcomes[item];
        s.outcomes[item] = 1;
    }
    void drain(state& s, std::uint8_t i) const {
        auto& p = s.of[i];
        if (p.unread != 0) {
            p.all_claimed = 0;
            work_changed(s);
        }
        for (; p.unread != 0; --p.unread) {
            settle(s, static_cast<std::uint8_t>(p.account.of[0] - 1));
            p.account.pop_front();
        }
    }
    void bury(state& s, std::uint8_t i) const;
    static void sleep_as(state& s, std::uint8_t how, std::uint8_t table) {
        s.sleeps = how;
        for (std::uint8_t i = 0; i != table; ++i)
            if (s.of[i].connected)
                s.of[i].parent_asleep = how;
    }
    void forget_peeking(state& s) const {
        s.link = s.seen_freed = 0;
        if (wrong != mistake::sleeps_by_the_old_table)
            s.seen_table = 0;
    }
    static void notify(state& s) {
        for (auto& each : s.resizers)
            if (each.where == resizer_at::sleep)
                each.where = resizer_at::wait;
    }
};

inline std::string_view resizing_model::fault(const state& s, bool is_end) const {
    if (s.freed_read)
        return "a table is read that was freed";
    if (s.unmapped_read)
        return "memory is read that was unmapped";
    if (s.unknown)
        return "the scheduler is asked for a place that it does not know";
    if (s.two_at_a_place)
        return "two processes have one place";
    if (s.killed_what_it_started)
        return "what a worker started is killed, though it was to end";
    if (s.twice)
        return "an item has two outcomes";
    for (std::uint8_t i = 0; i != items; ++i) {
        if (s.times_run[i] > 1)
            return "an item runs twice";
        if (s.lost[i] && s.deaths == 0)
            return "an item is lost, and no worker has died";
    }
    if (!is_end)
        return {};
    if (!all_settled(s) || s.where != collector_at::done)
        return "an item has no outcome";
    for (std::uint8_t i = 0; i != 2; ++i)
        if (!has_resized(s, i))
            return "a thread resizes for ever";
    for (std::uint8_t i = 0; i != places; ++i)
        if (s.of[i].state != (i < s.wanted ? life::ready : life::absent))
            return i < s.wanted ? "a worker is missing" : "a worker stays that is not wanted";
    return {};
}

} // namespace procpool::test

#endif

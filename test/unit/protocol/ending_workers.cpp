// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// The ends of a worker, as a model: one of its items is late and is asked to stop, then the worker is killed;
// or the worker dies by itself, or is asked to exit; and a replacement comes. Items that it had not started
// are given to the replacement; the item that it had started is lost, or retried if that is permitted;
// finished items count. See late_items::end_late, worker_link::left and serve.cpp. Each step is one access to
// shared memory. The worker claims items one by one and publishes each.

namespace {

constexpr std::uint8_t items = 3; // of one frame; item 0 may be late

struct ending_workers {
    enum class mistake {
        none,
        kills_without_taking_back, // and so an item that the worker starts meanwhile
        kills_before_it_has_read,  // though an outcome says that the late item has ended
        buries_without_reading,
        gives_to_a_worker_that_is_to_be_killed,
        tries_again_what_has_an_outcome,
        counts_what_was_late,   // and tries it again
        looks_for_goodbye_last, // the worker: after it looked for a frame
        says_goodbye_first,     // the parent: before its last frame
    };

    enum class worker_at : std::uint8_t {
        look,
        look_for_goodbye,
        asleep,
        look_again,
        claim,
        run,
        publish,
        dead
    };
    enum class parent_at : std::uint8_t { act, take_back, look_unread, bury, publish };
    enum class outcome : std::uint8_t { none, finished, late, lost };

    struct state {
        // The channel of the present worker.
        std::uint8_t published_frames, next, end, records, goodbye;
        // The parent.
        parent_at parent;
        std::uint8_t read, timed_out, marked_for_kill, unread, is_killed;
        std::uint8_t given, first;    // the frame in flight: items [first, first + given)
        std::uint8_t workers, deaths; // started so far
        std::uint8_t waiting;         // bits of items that are to be given
        // The worker.
        worker_at worker;
        std::uint8_t passed, item;
        // What happened.
        std::array<std::uint8_t, items> times_begun, retries;
        std::array<outcome, items> outcomes;
        std::uint8_t twice, frame_left;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    bool retries = false;
    bool ends_in_order = false; // instead of being late

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident accident) const {
        if (from.workers == 0) {
            auto to = from;
            to.workers = 1;
            to.waiting = (1U << items) - 1;
            return emit(to, "start");
        }
        collect(from, emit);
        work(from, emit);
        if (from.is_killed) { // in another thread, some time later
            auto to = from;
            to.is_killed = 0;
            to.worker = worker_at::dead;
            emit(to, "parent kills");
        }
        if (from.worker != worker_at::dead && from.deaths == 0 && !ends_in_order) {
            auto to = from;
            to.worker = worker_at::dead;
            ++to.deaths;
            accident(to, "the worker dies");
        }
    }

    std::string_view fault(const state& s, bool is_end) const {
        if (s.twice)
            return "an item has two outcomes";
        if (s.frame_left)
            return "a worker ends in order and leaves a frame";
        for (std::uint8_t i = 0; i != items; ++i) {
            if (s.times_begun[i] > 1 + s.retries[i])
                return "an item is begun twice";
            // Only a late item, or an item that was started by a worker that died by itself, may be lost.
            if (s.outcomes[i] == outcome::lost && s.deaths == 0)
                return "an item is lost with a late one";
            if (s.outcomes[i] != outcome::none && (s.waiting & 1U << i) != 0)
                return "an item waits that has an outcome";
        }
        if (is_end)
            for (const auto each : s.outcomes)
                if (each == outcome::none)
                    return "an item has no outcome";
        return {};
    }

  private:
    template <class Emit>
    void collect(const state& from, Emit emit) const;
    template <class Emit>
    void act(const state& from, Emit emit) const;
    template <class Emit>
    void work(const state& from, Emit emit) const;

    static void settle(state& s, std::uint8_t item, outcome how) {
        s.twice = s.twice || s.outcomes[item] != outcome::none;
        s.outcomes[item] = how;
    }
    /// Settles the first item of the frame.
    void settle_front(state& s, outcome how) const {
        const auto item = s.first;
        const bool again = how != outcome::finished && retries && s.retries[item] == 0;
        if (again) {
            ++s.retries[item];
            s.waiting = static_cast<std::uint8_t>(s.waiting | 1U << item);
            if (wrong == mistake::tries_again_what_has_an_outcome)
                settle(s, item, how);
        } else {
            settle(s, item, how);
        }
        s.timed_out = 0;
        ++s.first;
        --s.given;
    }
    void read_record(state& s) const {
        ++s.read;
        const bool late = s.timed_out != 0;
        settle_front(s, late ? outcome::late : outcome::finished);
        if (late && wrong == mistake::counts_what_was_late && retries)
            settle(s, static_cast<std::uint8_t>(s.first - 1), outcome::finished);
    }
    static void take_back(state& s) {
        for (; s.next < s.end; --s.end, --s.given)
            s.waiting = static_cast<std::uint8_t>(s.waiting | 1U << (s.first + s.given - 1));
    }
};

template <class Emit>
void ending_workers::collect(const state& from, Emit emit) const {
    auto to = from;
    switch (from.parent) {
    case parent_at::act:
        return act(from, emit);
    case parent_at::publish:
        ++to.published_frames;
        to.parent = parent_at::act;
        return emit(to, "parent publishes");
    case parent_at::take_back:
        if (wrong != mistake::kills_without_taking_back)
            take_back(to);
        to.parent = parent_at::look_unread;
        if (wrong == mistake::kills_before_it_has_read) {
            to.marked_for_kill = to.is_killed = 1;
            to.parent = parent_at::act;
        }
        return emit(to, "parent takes back");
    case parent_at::look_unread:
        to.parent = parent_at::act;
        to.marked_for_kill = to.is_killed = from.records == from.read;
        return emit(to, "parent looks for outcomes");
    case parent_at::bury: { // all records were read: a claimed item without an outcome had started
        const auto begun = static_cast<std::uint8_t>(from.next - from.read);
        if (from.published_frames != 0 && begun != 0 && from.given != 0)
            settle_front(to, from.timed_out != 0 ? outcome::late : outcome::lost);
        while (to.given != 0) {
            to.waiting = static_cast<std::uint8_t>(to.waiting | 1U << to.first);
            ++to.first;
            --to.given;
        }
        to.published_frames = to.next = to.end = to.records = to.read = to.passed = to.goodbye = 0;
        to.marked_for_kill = to.timed_out = to.is_killed = 0;
        to.worker = worker_at::look;
        ++to.workers;
        to.parent = parent_at::act;
        return emit(to, "parent buries, and a replacement comes");
    }
    }
}

template <class Emit>
void ending_workers::act(const state& from, Emit emit) const {
    auto to = from;
    const bool reads = from.worker != worker_at::dead || wrong != mistake::buries_without_reading;
    if (from.records != from.read && reads) {
        read_record(to);
        return emit(to, "parent reads");
    }
    if (from.worker == worker_at::dead && !ends_in_order) {
        to.parent = parent_at::bury;
        emit(to, "parent sees the end");
        to = from;
        if (wrong != mistake::gives_to_a_worker_that_is_to_be_killed)
            return;
    }
    const bool may_give = !from.marked_for_kill || wrong == mistake::gives_to_a_worker_that_is_to_be_killed;
    if (from.given == 0 && from.waiting != 0 && may_give && from.goodbye == 0) {
        // Gives consecutive items. The previous frame is passed, or will be.
        std::uint8_t first = 0;
        while ((from.waiting & 1U << first) == 0)
            ++first;
        to.first = first;
        for (auto i = first; i != items && (to.waiting & 1U << i) != 0; ++i) {
            to.waiting = static_cast<std::uint8_t>(to.waiting & ~(1U << i));
            ++to.given;
        }
        to.next = 0;
        to.end = to.given;
        to.records = to.read = 0;
        to.parent = parent_at::publish;
        if (ends_in_order && wrong == mistake::says_goodbye_first)
            to.goodbye = 1;
        if (from.passed == from.published_frames) // one frame at a time is enough here
            emit(to, "parent gives");
        return;
    }
    if (ends_in_order) {
        to.goodbye = 1;
        if (!from.goodbye)
            emit(to, "parent says goodbye");
        return;
    }
    if (from.given != 0 && from.first == 0 && !from.timed_out && from.outcomes[0] == outcome::none &&
        from.retries[0] == 0 && from.next != 0) {
        to.timed_out = 1;
        emit(to, "the time of item 0 is up");
        to = from;
    }
    if (from.timed_out && !from.marked_for_kill) {
        to.parent = parent_at::take_back;
        emit(to, "the grace is over");
    }
}

template <class Emit>
void ending_workers::work(const state& from, Emit emit) const {
    auto to = from;
    const bool frame = from.published_frames != from.passed;
    switch (from.worker) {
    case worker_at::look:
        to.worker = frame ? worker_at::claim : worker_at::look_for_goodbye;
        return emit(to, "worker looks for a frame");
    case worker_at::look_for_goodbye:
        to.worker = !from.goodbye                              ? worker_at::asleep
                    : wrong == mistake::looks_for_goodbye_last ? worker_at::dead
                                                               : worker_at::look_again;
        return emit(to, "worker looks for goodbye");
    case worker_at::asleep: // see protocol_model
        if (!frame && !from.goodbye)
            return;
        to.worker = worker_at::look;
        return emit(to, "worker is woken");
    case worker_at::look_again:
        to.worker = frame ? worker_at::claim : worker_at::dead;
        return emit(to, "worker looks for a frame again");
    case worker_at::claim:
        if (from.next >= from.end) {
            ++to.passed;
            to.worker = worker_at::look;
            return emit(to, "worker passes a frame");
        }
        to.item = static_cast<std::uint8_t>(from.first + from.next - from.read);
        ++to.next;
        to.worker = worker_at::run;
        return emit(to, "worker claims");
    case worker_at::run:
        ++to.times_begun[from.item];
        to.worker = worker_at::publish;
        return emit(to, "worker runs an item");
    case worker_at::publish:
        ++to.records;
        to.worker = worker_at::claim;
        return emit(to, "worker publishes");
    case worker_at::dead:
        if (ends_in_order && frame)
            to.frame_left = 1;
        if (to.frame_left != from.frame_left)
            emit(to, "a frame comes to a worker that has ended");
        return;
    }
}

std::string fault_of(ending_workers::mistake wrong, bool retries = false, bool ends_in_order = false) {
    ending_workers model;
    model.wrong = wrong;
    model.retries = retries;
    model.ends_in_order = ends_in_order;
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

using mistake = ending_workers::mistake;

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_ending_workers)

BOOST_AUTO_TEST_CASE(a_late_item_costs_itself_and_a_death_one_item) {
    BOOST_TEST(fault_of(mistake::none) == "");
}

BOOST_AUTO_TEST_CASE(what_is_tried_again_has_one_outcome) {
    BOOST_TEST(fault_of(mistake::none, true) == "");
}

BOOST_AUTO_TEST_CASE(a_worker_that_ends_in_order_leaves_nothing) {
    BOOST_TEST(fault_of(mistake::none, false, true) == "");
}

BOOST_AUTO_TEST_CASE(killing_more_than_the_late_item_is_found_out) {
    BOOST_TEST(fault_of(mistake::kills_without_taking_back) != "");
    BOOST_TEST(fault_of(mistake::kills_before_it_has_read) != "");
    BOOST_TEST(fault_of(mistake::gives_to_a_worker_that_is_to_be_killed) != "");
}

BOOST_AUTO_TEST_CASE(forgetting_what_was_finished_is_found_out) {
    BOOST_TEST(fault_of(mistake::buries_without_reading) != "");
}

BOOST_AUTO_TEST_CASE(two_outcomes_of_what_is_tried_again_are_found_out) {
    BOOST_TEST(fault_of(mistake::tries_again_what_has_an_outcome, true) != "");
    BOOST_TEST(fault_of(mistake::counts_what_was_late, true) != "");
}

BOOST_AUTO_TEST_CASE(a_goodbye_that_overtakes_a_frame_is_found_out) {
    BOOST_TEST(fault_of(mistake::looks_for_goodbye_last, false, true) != "");
    BOOST_TEST(fault_of(mistake::says_goodbye_first, false, true) != "");
}

BOOST_AUTO_TEST_SUITE_END()

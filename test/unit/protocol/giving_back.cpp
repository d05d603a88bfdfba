// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// A frame whose items a worker claims together, as a model: the thread that runs them, the thread that
// listens and gives back items that have not started, and the parent, which asks for them since another
// worker is idle. See worker/frame_runner.hpp and worker_link::watch_claims. Each step is one access to
// memory that two of them share. A store of the running thread stays in its store buffer until it is written
// back, or until a fence forces it out.
//
// Item 0 takes long and ends by itself; item 1 waits until all items after it have run, in any worker. If
// they are not given back, the worker waits for ever.

namespace {

constexpr std::uint8_t items = 4;

struct giving_back {
    enum class mistake {
        none,
        watches_the_claim_word,     // and so misses a change to the same value
        asks_once_for_each_word,    // even if an item has got an outcome since
        gives_back_without_a_fence, // as long as the system has one
        ignores_that_the_fence_failed,
        does_not_look_again, // when it was interrupted
        is_told_too_late,    // interrupted after the fence
        wakes_no_parent,
        claims_several_without_a_fence, // and does not give back itself
    };

    enum class runner_at : std::uint8_t {
        claim,
        lock_claim,
        note,
        look,
        lock_again,
        again,
        run,
        record,
        wake,
        done
    };
    enum class listener_at : std::uint8_t { hear, lock, interrupt, fence, read, give, wake };
    enum class parent_at : std::uint8_t { collect, take, ask, sleep, done };

    struct state {
        // The claim word, and the words beside it.
        std::uint8_t next, end;
        std::uint8_t running, buffered;  // item + 1; what is still in the store buffer, or 0
        std::uint8_t given_back;         // how often
        std::uint8_t interrupted, mutex; // mutex: 1 the running thread, 2 the listening one
        std::uint8_t until;              // after the last item that may be given back; 0: none
        std::uint8_t fence_works, may_be_several;
        // The running thread.
        runner_at runner;
        std::uint8_t first, last;
        std::uint8_t published; // records, in order of the items
        // The listening thread.
        listener_at listener;
        std::uint8_t requests, begun;
        // The parent.
        parent_at parent;
        std::uint8_t read, taken_from; // items [0, read) have an outcome; [taken_from, items) are another's
        std::uint8_t bell;
        std::uint8_t watches, watched, asked_done; // `given_back`, when the parent asked
        // What happened.
        std::array<std::uint8_t, items> times_begun;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    bool fence_may_fail = false;

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident accident) const {
        if (from.end == 0) { // start
            auto to = from;
            to.end = to.taken_from = items;
            to.fence_works = to.may_be_several = 1;
            return emit(to, "the parent publishes");
        }
        run(from, emit);
        listen(from, emit);
        collect(from, emit);
        if (fence_may_fail && from.fence_works) {
            auto to = from;
            to.fence_works = 0;
            accident(to, "a task forbids fences");
        }
    }

    std::string_view fault(const state& s, bool is_end) const {
        for (std::uint8_t i = 0; i != items; ++i) {
            if (s.times_begun[i] > 1)
                return "an item is begun twice";
            if (s.end != 0 && i >= s.taken_from && s.times_begun[i] != 0)
                return "an item is begun that another worker runs";
        }
        if (is_end && s.parent != parent_at::done)
            return "items wait for ever";
        return {};
    }

  private:
    template <class Emit>
    void run(const state& from, Emit emit) const;
    template <class Emit>
    void listen(const state& from, Emit emit) const;
    template <class Emit>
    void collect(const state& from, Emit emit) const;

    /// Under the mutex, in the thread that runs items, which needs no fence for its own stores.
    void look_again(state& s) const {
        s.interrupted = 0;
        if (s.until == 0)
            return;
        s.last = s.until;
        const bool own = !s.may_be_several && wrong != mistake::claims_several_without_a_fence;
        if (own && s.last - s.first > 1 && s.next == s.last) {
            s.last = s.next = s.until = static_cast<std::uint8_t>(s.first + 1);
            ++s.given_back;
            s.bell = 1;
        }
    }
    /// The word that the parent watches.
    std::uint8_t watchable(const state& s) const {
        const bool word =
            wrong == mistake::watches_the_claim_word || wrong == mistake::asks_once_for_each_word;
        return word ? s.next : s.given_back;
    }

    /// Item 1 ends when the items after it have run. If a fence may fail, it does not wait for them.
    bool may_end(const state& s) const { return s.first != 1 || fence_may_fail || s.taken_from == 2; }
};

template <class Emit>
void giving_back::run(const state& from, Emit emit) const {
    auto to = from;
    if (from.buffered != 0) {
        to.running = from.buffered;
        to.buffered = 0;
        emit(to, "a store is written back");
        to = from;
    }
    switch (from.runner) {
    case runner_at::claim:
        if (from.mutex != 0)
            return;
        to.mutex = 1;
        to.runner = runner_at::lock_claim;
        return emit(to, "runner locks");
    case runner_at::lock_claim: { // any number of items
        const auto left = static_cast<std::uint8_t>(from.end - from.next);
        to.mutex = 0;
        to.first = to.last = from.next;
        to.until = 0;
        if (left == 0) {
            to.runner = runner_at::done;
            return emit(to, "runner finds nothing to claim");
        }
        to.runner = runner_at::note;
        // The first item of a frame is claimed alone.
        const auto most = from.may_be_several && from.next != 0 ? left : std::uint8_t{1};
        for (std::uint8_t count = 1; count <= most; ++count) {
            to.next = to.last = static_cast<std::uint8_t>(from.next + count);
            to.until = count > 1 ? to.last : 0;
            emit(to, "runner claims");
        }
        return;
    }
    case runner_at::note:
        if (from.first == from.last) {
            to.runner = runner_at::claim;
            return emit(to, "runner has run what it claimed");
        }
        if (from.buffered != 0)
            return; // one place is enough: stores are written back in order
        to.buffered = static_cast<std::uint8_t>(from.first + 1);
        to.runner = runner_at::look;
        return emit(to, "runner notes which begins");
    case runner_at::look:
        to.runner = from.interrupted && wrong != mistake::does_not_look_again ? runner_at::lock_again
                                                                              : runner_at::run;
        return emit(to, "runner looks whether it is interrupted");
    case runner_at::lock_again:
        if (from.mutex != 0)
            return;
        to.mutex = 1;
        to.running = from.buffered != 0 ? from.buffered : from.running; // a lock is a full fence
        to.buffered = 0;
        to.runner = runner_at::again;
        return emit(to, "runner locks to look again");
    case runner_at::again:
        to.mutex = 0;
        look_again(to);
        to.runner = to.first < to.last ? runner_at::run : runner_at::note;
        if (to.first >= to.last)
            to.last = to.first;
        return emit(to, "runner looks what is its own");
    case runner_at::run:
        ++to.times_begun[from.first];
        to.runner = runner_at::record;
        return emit(to, "an item begins");
    case runner_at::record:
        if (!may_end(from))
            return;
        ++to.published;
        ++to.first;
        to.runner = runner_at::wake;
        return emit(to, "an item ends");
    case runner_at::wake:
        to.bell = 1;
        to.runner = runner_at::note;
        return emit(to, "runner wakes the parent");
    case runner_at::done:
        return;
    }
}

template <class Emit>
void giving_back::listen(const state& from, Emit emit) const {
    auto to = from;
    const bool late = wrong == mistake::is_told_too_late;
    switch (from.listener) {
    case listener_at::hear:
        if (from.requests == 0)
            return;
        --to.requests;
        to.listener = listener_at::lock;
        return emit(to, "listener hears");
    case listener_at::lock:
        if (from.mutex != 0)
            return;
        if (from.until == 0) {
            to.listener = listener_at::hear;
            return emit(to, "listener finds nothing to give back");
        }
        to.mutex = 2;
        to.listener = late ? listener_at::fence : listener_at::interrupt;
        return emit(to, "listener locks");
    case listener_at::interrupt:
        to.interrupted = 1;
        to.listener = late ? listener_at::read : listener_at::fence;
        return emit(to, "listener interrupts");
    case listener_at::fence:
        to.listener = late ? listener_at::interrupt : listener_at::read;
        if (from.fence_works && wrong != mistake::gives_back_without_a_fence) {
            to.running = from.buffered != 0 ? from.buffered : from.running;
            to.buffered = 0;
        } else if (!from.fence_works && wrong != mistake::ignores_that_the_fence_failed) {
            to.may_be_several = 0;
            to.mutex = 0;
            to.listener = listener_at::hear;
        }
        return emit(to, "listener passes its fence");
    case listener_at::read:
        to.begun = from.running;
        to.listener = listener_at::give;
        return emit(to, "listener reads which has begun");
    case listener_at::give:
        // `begun` is the started item, counted from 1, and so the index of the first unstarted one.
        if (from.begun == 0 || from.begun >= from.until || from.next != from.until) {
            to.mutex = 0;
            to.listener = listener_at::hear;
            return emit(to, "listener gives nothing back");
        }
        to.next = to.until = from.begun;
        ++to.given_back;
        to.listener = listener_at::wake;
        return emit(to, "listener gives back");
    case listener_at::wake:
        to.bell = wrong == mistake::wakes_no_parent ? from.bell : 1;
        to.mutex = 0;
        to.listener = listener_at::hear;
        return emit(to, "listener wakes the parent");
    }
}

template <class Emit>
void giving_back::collect(const state& from, Emit emit) const {
    auto to = from;
    switch (from.parent) {
    case parent_at::collect: {
        const bool changed = from.watches && from.watched != watchable(from);
        if (changed)
            to.watches = 0;
        const bool news = changed || from.read != from.published;
        to.read = from.published;
        to.parent = to.read >= to.taken_from ? parent_at::done
                    : news || !from.watches  ? parent_at::take
                                             : parent_at::sleep;
        return emit(to, "parent collects");
    }
    case parent_at::take: // takes back all that the idle worker can have
        to.parent = from.next < from.end ? parent_at::collect : parent_at::ask;
        if (from.next < from.end)
            to.end = to.taken_from = from.next;
        return emit(to, "parent takes back");
    case parent_at::ask: {
        const bool same = from.watches && from.watched == watchable(from) &&
                          (wrong == mistake::asks_once_for_each_word || from.asked_done == from.read);
        to.parent = parent_at::sleep;
        if (same || from.next < from.read + 2)
            return emit(to, "parent does not ask");
        to.watches = 1;
        to.watched = watchable(from);
        to.asked_done = from.read;
        ++to.requests;
        return emit(to, "parent asks");
    }
    case parent_at::sleep:
        if (!from.bell)
            return;
        to.bell = 0;
        to.parent = parent_at::collect;
        return emit(to, "parent is woken");
    case parent_at::done:
        return;
    }
}

std::string fault_of(giving_back::mistake wrong, bool fence_may_fail = false) {
    giving_back model;
    model.wrong = wrong;
    model.fence_may_fail = fence_may_fail;
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

bool has(const std::string& text, const char* what) {
    return text.rfind(what, 0) == 0;
}

using mistake = giving_back::mistake;

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_giving_back)

BOOST_AUTO_TEST_CASE(each_item_is_begun_once_and_none_waits_for_ever) {
    BOOST_TEST(fault_of(mistake::none) == "");
}

BOOST_AUTO_TEST_CASE(that_fences_fail_from_any_step_on_loses_nothing) {
    BOOST_TEST(fault_of(mistake::none, true) == "");
}

BOOST_AUTO_TEST_CASE(a_claim_word_that_says_the_same_again_is_not_overlooked) {
    BOOST_TEST(has(fault_of(mistake::asks_once_for_each_word), "items wait for ever"));
    BOOST_TEST(has(fault_of(mistake::watches_the_claim_word), "items wait for ever"));
}

BOOST_AUTO_TEST_CASE(giving_back_without_a_fence_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::gives_back_without_a_fence), "an item is begun"));
    BOOST_TEST(has(fault_of(mistake::ignores_that_the_fence_failed, true), "an item is begun"));
}

BOOST_AUTO_TEST_CASE(not_looking_again_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::does_not_look_again), "an item is begun"));
    BOOST_TEST(has(fault_of(mistake::is_told_too_late), "an item is begun"));
}

BOOST_AUTO_TEST_CASE(a_parent_that_is_not_woken_for_what_is_given_back_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::wakes_no_parent), "items wait for ever"));
}

BOOST_AUTO_TEST_SUITE_END()

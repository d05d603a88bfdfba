// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// Which thread of the parent collects, as a model: two threads that wait for a result each, the pool's own
// thread, another one that replaces it if its codec waits, a thread that cancels, and a worker that publishes
// two results. One of the threads collects for all; it delivers the drained outcomes without the lock, and
// sleeps at one of two bells. See pool/collect.cpp. Each step is the work under one hold of the lock, or one
// access to shared memory without it.

namespace {

constexpr std::uint8_t waiters = 2;
constexpr std::uint8_t own = 2; // the pool's own thread
constexpr std::uint8_t canceller = 3;
constexpr std::uint8_t successor = 4; // of `own`
constexpr std::uint8_t threads = 5;
constexpr std::uint8_t no_thread = 0xff;
constexpr std::uint8_t all_results = 3;

constexpr std::uint8_t bit(std::uint8_t result) {
    return static_cast<std::uint8_t>(1U << result);
}

struct collecting {
    enum class mistake {
        none,
        leaves_no_successor,    // when a collector has its own result
        leaves_without_looking, // for records that were published before its successor said that it sleeps
        worker_rings_one_bell,  // however the parent sleeps
        finishes_in_silence,    // the result for which a collector sleeps
        parks_without_looking,
        parks_until_ready, // although an outcome is enough
        sleeps_without_looking,
        keeps_the_rest,     // of the drained outcomes, while the codec of the first one waits
        has_no_replacement, // the pool's own thread, while its codec waits
    };

    enum class at : std::uint8_t {
        look,
        enter,
        give_way,
        park,
        parked,
        drain,
        hand_over,
        lock_again,
        say,
        sleep,
        leave,
        listen,
        cancel,
        fail,
        done
    };
    enum class sleeps : std::uint8_t { awake, on_doorbell, as_collector };

    struct thread {
        at where;
        std::uint8_t drained;   // results
        std::uint8_t suspended; // the codec of result 0 waits for result 1

        bool operator==(const thread&) const = default;
    };

    struct state {
        std::array<thread, threads> of;
        std::uint8_t started, lock, collector;
        sleeps word; // as all workers see it
        std::uint8_t published, withdrawn, read, outbox;
        std::uint8_t outcome, ready, parked, woken, collector_waits_for; // results
        std::uint8_t own_bell, collector_bell, worker_asks, twice;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    bool codec_waits = false;
    bool executor_is_idle = false; // then only the waiter makes its result ready, once it sees the outcome

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident) const {
        if (!from.started) {
            auto to = from;
            to.started = 1;
            to.collector = no_thread;
            to.lock = no_thread;
            to.word = sleeps::on_doorbell; // the caller has submitted, and does not wait
            to.of[own].where = at::listen;
            to.of[canceller].where = at::cancel;
            to.of[successor].where = at::done;
            return emit(to, "start");
        }
        work(from, emit);
        for (std::uint8_t i = 0; i != threads; ++i)
            step(from, i, emit);
    }

    std::string_view fault(const state& s, bool is_end) const {
        if (s.twice)
            return "an outcome is handed over twice";
        if (!is_end)
            return {};
        for (std::uint8_t i = 0; i != waiters; ++i)
            if (s.of[i].where != at::done)
                return "a thread waits for ever";
        return s.ready == all_results ? "" : "a result is never ready";
    }

  private:
    static bool anything(const state& s) { return s.published != s.read || s.outbox != 0; }
    static bool awaits_results(const state& s) { return (s.read | s.withdrawn) != all_results; }

    /// The result that a thread waits for; 0: none.
    static std::uint8_t awaited(const state& s, std::uint8_t i) {
        return s.of[i].suspended ? bit(1) : i < waiters ? bit(i) : std::uint8_t{0};
    }
    static bool is_over(const state& s, std::uint8_t i) { return (awaited(s, i) & ~s.outcome) == 0; }
    bool parks(const state& s, std::uint8_t i) const {
        return wrong == mistake::parks_without_looking || !is_over(s, i) ||
               (wrong == mistake::parks_until_ready && (awaited(s, i) & ~s.ready) != 0);
    }
    void finish(state& s, std::uint8_t result) const {
        s.twice = s.twice || (s.outcome & result) != 0;
        s.outcome |= result;
        s.ready |= executor_is_idle ? std::uint8_t{0} : result;
        s.woken |= s.parked & result;
        if ((s.collector_waits_for & result) != 0 && wrong != mistake::finishes_in_silence)
            s.collector_bell = 1;
    }
    void drain(state& s, std::uint8_t i) const {
        s.of[i].drained = static_cast<std::uint8_t>(s.of[i].drained | s.outbox | (s.published & ~s.read));
        s.outbox = 0;
        s.read = s.published;
    }

    template <class Emit>
    void work(const state& from, Emit emit) const;
    template <class Emit>
    void step(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void hand_over(const state& from, std::uint8_t i, Emit emit) const;
    template <class Emit>
    void cancel(const state& from, Emit emit) const;
};

template <class Emit>
void collecting::work(const state& from, Emit emit) const {
    auto to = from;
    if (from.worker_asks) {
        to.worker_asks = 0;
        to.word = sleeps::awake;
        const bool one = wrong == mistake::worker_rings_one_bell;
        to.own_bell |= from.word == sleeps::on_doorbell || (one && from.word == sleeps::as_collector);
        to.collector_bell |= from.word == sleeps::as_collector && !one;
        return emit(to, "worker asks, and rings");
    }
    for (std::uint8_t result = 0; result != 2; ++result)
        if (((from.published | from.withdrawn) & bit(result)) == 0) {
            to = from;
            to.published |= bit(result);
            to.worker_asks = 1;
            emit(to, "worker publishes");
        }
}

/// Delivers one outcome at a time, without the lock.
template <class Emit>
void collecting::hand_over(const state& from, std::uint8_t i, Emit emit) const {
    auto to = from;
    auto& self = to.of[i];
    if (self.drained == 0) {
        self.where = at::lock_again;
        return emit(to, "all is handed over");
    }
    const auto result = (self.drained & bit(0)) != 0 ? bit(0) : bit(1);
    self.drained &= static_cast<std::uint8_t>(~result);
    if (codec_waits && result == bit(0) && (from.outcome & bit(1)) == 0) {
        self.suspended = 1;
        self.where = at::give_way;
        return emit(to, "a codec waits");
    }
    finish(to, result);
    emit(to, "an outcome is handed over");
}

template <class Emit>
void collecting::cancel(const state& from, Emit emit) const {
    auto to = from;
    auto& self = to.of[canceller];
    if ((from.published & bit(1)) == 0) { // not started: taken back, and failed by this thread
        to.withdrawn |= bit(1);
        self.where = at::fail;
        emit(to, "a result is cancelled");
        to = from;
    }
    drain(to, canceller);
    if (self.drained == 0) {
        self.where = at::done;
        return emit(to, "canceller finds nothing");
    }
    if (from.collector == no_thread) {
        to.collector = canceller;
        to.word = sleeps::awake;
        self.where = at::hand_over;
        return emit(to, "canceller collects");
    }
    to.outbox = std::exchange(self.drained, std::uint8_t{0});
    to.collector_bell |= from.of[from.collector].where == at::sleep;
    self.where = at::done;
    emit(to, "canceller leaves outcomes to the collector");
}

template <class Emit>
void collecting::step(const state& from, std::uint8_t i, Emit emit) const {
    auto to = from;
    auto& self = to.of[i];
    const bool locked = from.lock != no_thread && from.lock != i;
    switch (self.where) {
    case at::look:
        to.ready |= static_cast<std::uint8_t>(
            from.outcome & bit(i)); // the waiter does not wait for an executor that does not run
        self.where = is_over(from, i) ? at::done : at::enter;
        return emit(to, "waiter looks");
    case at::enter:
        if (locked)
            return;
        if (from.collector != no_thread) {
            self.where = i == own || i == successor ? at::listen : at::park;
            return emit(to, "another thread collects");
        }
        to.collector = to.lock = i;
        to.word = sleeps::awake;
        self.where = at::drain;
        return emit(to, "thread begins to collect");
    case at::give_way:
        if (locked)
            return;
        if (wrong != mistake::keeps_the_rest)
            to.outbox |= std::exchange(self.drained, std::uint8_t{0});
        if (i == own && wrong != mistake::has_no_replacement)
            to.of[successor].where = at::listen;
        to.collector = no_thread;
        if (awaits_results(from))
            to.word = sleeps::on_doorbell;
        to.lock = i;
        self.where = at::leave;
        return emit(to, "the thread of the codec leaves");
    case at::park:
        self.where = parks(from, i) ? at::parked : self.suspended ? at::hand_over : at::look;
        if (self.where == at::parked)
            to.parked |= awaited(from, i);
        if (self.where == at::hand_over) {
            self.suspended = 0;
            self.drained |= bit(0);
        }
        return emit(to, "waiter parks");
    case at::parked:
        if ((from.woken & awaited(from, i)) == 0)
            return;
        self.where = self.suspended ? at::hand_over : at::look;
        if (self.suspended) {
            self.suspended = 0;
            self.drained |= bit(0);
        }
        return emit(to, "waiter is woken");
    case at::drain:
        drain(to, i);
        to.lock = no_thread;
        self.where = at::hand_over;
        return emit(to, "collector drains");
    case at::hand_over:
        return hand_over(from, i, emit);
    case at::lock_again:
        if (locked)
            return;
        if (from.collector != i) { // a codec has waited
            self.where = i < waiters ? at::look : at::done;
            return emit(to, "the thread whose codec has waited collects no more");
        }
        if (from.outbox != 0) {
            to.lock = i;
            self.where = at::drain;
            return emit(to, "collector takes what was left to it");
        }
        to.lock = i;
        if (is_over(from, i)) {
            to.collector = no_thread;
            if (wrong != mistake::leaves_no_successor && awaits_results(from))
                to.word = sleeps::on_doorbell;
            self.where = at::leave;
            return emit(to, "collector leaves");
        }
        to.word = sleeps::as_collector;
        self.where = at::say;
        return emit(to, "collector says that it sleeps");
    case at::leave:
        if (from.outbox != 0 ||
            (anything(from) && wrong != mistake::leaves_without_looking && from.word != sleeps::awake))
            to.own_bell = 1;
        to.lock = no_thread;
        self.where = self.suspended               ? at::park
                     : i < waiters                ? at::look
                     : i == own || i == successor ? at::listen
                                                  : at::done;
        return emit(to, "collector looks whether its successor has something to do");
    case at::say:
        if ((anything(from) && wrong != mistake::sleeps_without_looking) || is_over(from, i)) {
            to.word = sleeps::awake;
            self.where = at::drain;
            return emit(to, "collector looks, and does not sleep");
        }
        to.collector_waits_for = awaited(from, i);
        to.lock = no_thread;
        self.where = at::sleep;
        return emit(to, "collector sleeps");
    case at::sleep:
        if (!from.collector_bell || locked)
            return;
        to.collector_bell = to.collector_waits_for = 0;
        to.word = sleeps::awake;
        to.lock = i;
        self.where = at::drain;
        return emit(to, "collector is woken");
    case at::listen:
        if (!from.own_bell)
            return;
        to.own_bell = 0;
        self.where = at::enter;
        return emit(to, "the pool's own thread is woken");
    case at::cancel:
        if (!locked)
            cancel(from, emit);
        return;
    case at::fail:
        finish(to, bit(1));
        self.where = at::done;
        return emit(to, "the cancelled result has failed");
    case at::done:
        return;
    }
}

std::string fault_of(collecting::mistake wrong, bool codec_waits = false, bool executor_is_idle = false) {
    collecting model;
    model.wrong = wrong;
    model.codec_waits = codec_waits;
    model.executor_is_idle = executor_is_idle;
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

using mistake = collecting::mistake;

bool leaves_one_waiting(mistake wrong, bool codec_waits = false, bool executor_is_idle = false) {
    const auto fault = fault_of(wrong, codec_waits, executor_is_idle);
    return fault.rfind("a thread waits for ever", 0) == 0 || fault.rfind("a result is never ready", 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_collecting)

BOOST_AUTO_TEST_CASE(each_waiter_has_its_result_whichever_thread_collects) {
    BOOST_TEST(fault_of(mistake::none) == "");
}

BOOST_AUTO_TEST_CASE(a_codec_may_wait_for_another_result) {
    BOOST_TEST(fault_of(mistake::none, true) == "");
}

BOOST_AUTO_TEST_CASE(the_executor_of_callbacks_may_be_idle) {
    BOOST_TEST(fault_of(mistake::none, false, true) == "");
}

BOOST_AUTO_TEST_CASE(a_waiter_that_parks_until_callbacks_have_run_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::parks_until_ready, false, true));
}

BOOST_AUTO_TEST_CASE(a_thread_that_keeps_the_rest_while_its_codec_waits_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::keeps_the_rest, true));
}

BOOST_AUTO_TEST_CASE(a_thread_that_nobody_replaces_while_its_codec_waits_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::has_no_replacement, true));
}

BOOST_AUTO_TEST_CASE(a_collector_that_leaves_no_successor_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::leaves_no_successor));
    BOOST_TEST(leaves_one_waiting(mistake::leaves_without_looking));
}

BOOST_AUTO_TEST_CASE(a_bell_that_is_not_rung_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::worker_rings_one_bell));
    BOOST_TEST(leaves_one_waiting(mistake::finishes_in_silence));
}

BOOST_AUTO_TEST_CASE(sleeping_without_looking_again_is_found_out) {
    BOOST_TEST(leaves_one_waiting(mistake::parks_without_looking));
    BOOST_TEST(leaves_one_waiting(mistake::sleeps_without_looking));
}

BOOST_AUTO_TEST_SUITE_END()

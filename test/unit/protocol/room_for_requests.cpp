// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// A parent that has more frames than its request ring, or the claim words, have room for, as a model. A
// refused frame waits until an outcome shows that there is room again. If all frames in flight have been
// withdrawn, no outcome will come: the parent watches the word that refused the frame, and the worker wakes
// the parent when it has passed a frame. Positions and sequences overflow. Each step is one access to shared
// memory. See channel/requests.hpp, worker_link::watch_room and serve.cpp.

namespace {

constexpr std::uint8_t frames = 4;
constexpr std::uint8_t max_room = 2;

struct room_for_requests {
    enum class mistake {
        none,
        watches_no_room,        // after the given frames have been withdrawn
        tells_of_results_alone, // the worker: and not of a frame without items
        tells_before_it_passes, // the worker
        trusts_the_ring_alone,  // and uses claim words that are in use
        trusts_the_words_alone, // and overwrites frames that have not been read
        passes_too_early,       // a claim word is given back before the worker is done with it
        forgets_what_was_refused,
    };

    enum class parent_at : std::uint8_t { collect, open, publish, ask, ring, say, look, sleep, done };
    enum class worker_at : std::uint8_t {
        look,
        say,
        look_again,
        sleep,
        wake,
        claim,
        run,
        answer,
        call,
        pass,
        release
    };
    enum class fate : std::uint8_t { waits, given, finished, withdrawn };

    /// The content of a place of the ring, and of a claim word.
    struct slot {
        std::uint8_t frame, next, end;

        bool operator==(const slot&) const = default;
    };

    struct state {
        // Shared memory. Counters have three bits, and start near their maximum.
        std::uint8_t head, tail, passed, answered;
        std::array<std::uint8_t, max_room> ring; // the frame at each place
        std::array<slot, max_room> words;
        std::uint8_t worker_asleep, parent_asleep, worker_bell, parent_bell;
        // The parent.
        parent_at parent;
        std::uint8_t written, read, in_flight, full, has_withdrawn;
        std::uint8_t refused_by, seen, watches; // 1: the ring; 2: the claim words
        // The worker.
        worker_at worker;
        std::uint8_t sequence, runs, claimed;
        std::array<std::uint8_t, frames> answers; // in their order
        // What happened.
        std::array<fate, frames> fates;
        std::array<std::uint8_t, frames> times_run;
        std::uint8_t wrong_frame;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    std::uint8_t room = 2;  // frames in the ring
    std::uint8_t words = 2; // frames that have claim words

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident) const {
        parent_steps(from, emit);
        worker_steps(from, emit);
    }

    std::string_view fault(const state& s, bool is_end) const {
        if (s.wrong_frame)
            return "a frame is read that was written over";
        for (std::uint8_t i = 0; i != frames; ++i) {
            if (s.times_run[i] > 1)
                return "a frame runs twice";
            if (s.times_run[i] != 0 && s.fates[i] == fate::withdrawn)
                return "a frame runs that was withdrawn";
        }
        if (!is_end)
            return {};
        if (s.parent != parent_at::done)
            return "the parent sleeps for ever";
        for (const auto each : s.fates)
            if (each != fate::finished && each != fate::withdrawn)
                return "a frame has no outcome";
        return {};
    }

  private:
    template <class Emit>
    void parent_steps(const state& from, Emit emit) const;
    template <class Emit>
    void collect(const state& from, Emit emit) const;
    template <class Emit>
    void worker_steps(const state& from, Emit emit) const;

    static constexpr std::uint8_t first = 6; // first value of the three-bit counters
    static std::uint8_t after(std::uint8_t counter) { return static_cast<std::uint8_t>((counter + 1) % 8); }
    static std::uint8_t count_of(std::uint8_t from, std::uint8_t to) {
        return static_cast<std::uint8_t>((to - from + 8) % 8);
    }
    /// Counters are stored relative to `first`, so that the first state is all zeros.
    static std::uint8_t place(std::uint8_t counter, std::uint8_t places) {
        return static_cast<std::uint8_t>((counter + first) % 8 % places);
    }

    bool has_room(const state& s) const {
        const bool ring = count_of(s.tail, s.head) < room || wrong == mistake::trusts_the_words_alone;
        const bool word = count_of(s.passed, s.head) < words || wrong == mistake::trusts_the_ring_alone;
        return ring && word;
    }
    static bool has_changed(const state& s) {
        return (s.watches == 1 && s.tail != s.seen) || (s.watches == 2 && s.passed != s.seen);
    }
    static bool all_settled(const state& s) { return s.in_flight == 0 && s.written == frames; }
};

template <class Emit>
void room_for_requests::parent_steps(const state& from, Emit emit) const {
    auto to = from;
    switch (from.parent) {
    case parent_at::collect:
        return collect(from, emit);
    case parent_at::open:
        if (!has_room(from)) {
            to.full = 1;
            to.refused_by = count_of(from.tail, from.head) >= room ? 1 : 2;
            to.seen = to.refused_by == 1 ? from.tail : from.passed;
            if (wrong == mistake::forgets_what_was_refused)
                ++to.written;
            to.parent = parent_at::collect;
            return emit(to, "a frame is refused");
        }
        to.words[place(from.head, words)] = {from.written, 0, 1};
        to.ring[place(from.head, room)] = from.written;
        to.parent = parent_at::publish;
        return emit(to, "parent writes a frame");
    case parent_at::publish:
        to.head = after(from.head);
        to.fates[from.written] = fate::given;
        ++to.written;
        ++to.in_flight;
        to.parent = parent_at::ask;
        return emit(to, "parent publishes");
    case parent_at::ask:
        to.worker_asleep = 0;
        to.parent = from.worker_asleep ? parent_at::ring : parent_at::collect;
        return emit(to, "parent asks");
    case parent_at::ring:
        to.worker_bell = 1;
        to.parent = parent_at::collect;
        return emit(to, "parent rings");
    case parent_at::say:
        to.parent_asleep = 1;
        to.parent = parent_at::look;
        return emit(to, "parent says that it sleeps");
    case parent_at::look:
        to.parent = from.answered != from.read || has_changed(from) ? parent_at::collect : parent_at::sleep;
        return emit(to, "parent looks again");
    case parent_at::sleep:
        if (!from.parent_bell)
            return;
        to.parent_bell = to.parent_asleep = 0;
        to.parent = parent_at::collect;
        return emit(to, "parent is woken");
    case parent_at::done:
        return;
    }
}

/// Reads outcomes, gives more frames, once withdraws items that have not started, and sleeps.
template <class Emit>
void room_for_requests::collect(const state& from, Emit emit) const {
    auto to = from;
    if (from.answered != from.read) {
        to.fates[from.answers[from.read]] = fate::finished;
        ++to.read;
        --to.in_flight;
        to.full = 0;
        return emit(to, "parent reads");
    }
    if (has_changed(from)) {
        to.watches = to.full = 0;
        return emit(to, "parent sees that there is room");
    }
    if (!from.has_withdrawn) {
        to.has_withdrawn = 1;
        for (auto& word : to.words)
            if (word.end != 0 && word.next < word.end && to.fates[word.frame] == fate::given) {
                word.end = word.next;
                to.fates[word.frame] = fate::withdrawn;
                --to.in_flight;
            }
        emit(to, "parent withdraws");
        to = from;
    }
    if (from.written != frames && !from.full) {
        to.parent = parent_at::open;
        return emit(to, "parent has a frame to give");
    }
    if (all_settled(from)) {
        to.parent = parent_at::done;
        return emit(to, "parent has finished");
    }
    // Full, and no frame is in flight whose outcome could report room.
    if (from.full && from.in_flight == 0 && wrong != mistake::watches_no_room)
        to.watches = from.refused_by;
    to.parent = parent_at::say;
    emit(to, "parent has read all");
}

template <class Emit>
void room_for_requests::worker_steps(const state& from, Emit emit) const {
    auto to = from;
    auto& word = to.words[place(from.sequence, words)];
    switch (from.worker) {
    case worker_at::look:
        to.worker = from.head != from.tail ? worker_at::claim : worker_at::say;
        to.runs = from.ring[place(from.tail, room)];
        return emit(to, "worker looks for a frame");
    case worker_at::say:
        to.worker_asleep = 1;
        to.worker = worker_at::look_again;
        return emit(to, "worker says that it sleeps");
    case worker_at::look_again:
        to.worker = from.head != from.tail ? worker_at::wake : worker_at::sleep;
        return emit(to, "worker looks again");
    case worker_at::sleep:
        if (!from.worker_bell)
            return;
        to.worker_bell = 0;
        to.worker = worker_at::say;
        return emit(to, "worker is woken");
    case worker_at::wake:
        to.worker_asleep = 0;
        to.worker = worker_at::look;
        return emit(to, "worker wakes up");
    case worker_at::claim:
        to.wrong_frame = word.frame != from.runs || from.ring[place(from.tail, room)] != from.runs;
        to.claimed = word.next < word.end;
        word.next = word.end;
        if (wrong == mistake::passes_too_early && to.claimed)
            to.passed = after(from.passed);
        to.worker = to.claimed ? worker_at::run : worker_at::pass;
        return emit(to, "worker claims");
    case worker_at::run:
        ++to.times_run[from.runs];
        to.worker = worker_at::answer;
        return emit(to, "worker runs a frame");
    case worker_at::answer:
        to.wrong_frame = word.frame != from.runs; // the worker would claim the next item here
        to.answers[from.answered] = from.runs;
        ++to.answered;
        to.worker = wrong == mistake::tells_before_it_passes ? worker_at::call : worker_at::pass;
        return emit(to, "worker publishes");
    case worker_at::call:
        if (from.parent_asleep)
            to.parent_bell = 1;
        to.parent_asleep = 0;
        to.worker = wrong == mistake::tells_before_it_passes ? worker_at::pass : worker_at::look;
        return emit(to, "worker asks, and rings");
    case worker_at::pass:
        to.sequence = after(from.sequence);
        to.passed = to.sequence;
        to.worker = worker_at::release;
        return emit(to, "worker passes a frame");
    case worker_at::release:
        to.tail = after(from.tail);
        to.worker = worker_at::call;
        if (wrong == mistake::tells_before_it_passes ||
            (wrong == mistake::tells_of_results_alone && !from.claimed))
            to.worker = worker_at::look;
        return emit(to, "worker gives its bytes back");
    }
}

std::string fault_of(const room_for_requests& model) {
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

using mistake = room_for_requests::mistake;

std::string fault_of(mistake wrong, std::uint8_t room, std::uint8_t words) {
    room_for_requests model;
    model.wrong = wrong;
    model.room = room;
    model.words = words;
    return fault_of(model);
}

bool has(const std::string& text, const char* what) {
    return text.rfind(what, 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_room_for_requests)

BOOST_AUTO_TEST_CASE(each_frame_has_an_outcome_where_the_ring_is_full) {
    BOOST_TEST(fault_of(mistake::none, 1, 2) == "");
    BOOST_TEST(fault_of(mistake::none, 2, 2) == "");
}

BOOST_AUTO_TEST_CASE(each_frame_has_an_outcome_where_all_claim_words_are_in_use) {
    BOOST_TEST(fault_of(mistake::none, 2, 1) == "");
}

BOOST_AUTO_TEST_CASE(a_parent_that_waits_for_a_worker_without_frames_is_found_out) {
    for (const auto wrong :
         {mistake::watches_no_room, mistake::tells_of_results_alone, mistake::tells_before_it_passes}) {
        BOOST_TEST(has(fault_of(wrong, 1, 2), "the parent sleeps for ever"));
        BOOST_TEST(has(fault_of(wrong, 2, 1), "the parent sleeps for ever"));
    }
}

BOOST_AUTO_TEST_CASE(writing_where_there_is_no_room_is_found_out) {
    BOOST_TEST(fault_of(mistake::trusts_the_words_alone, 1, 2) != "");
    BOOST_TEST(fault_of(mistake::trusts_the_ring_alone, 2, 1) != "");
    BOOST_TEST(fault_of(mistake::passes_too_early, 2, 1) != "");
}

BOOST_AUTO_TEST_CASE(a_refused_frame_that_is_forgotten_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::forgets_what_was_refused, 1, 2), "a frame has no outcome"));
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// Requests to stop that name an item, as a model in which the names of frames are reused after eight frames:
// the parent asks for one item, which is late, or for a frame, which is cancelled; the request takes some
// time to arrive; and every stored name must be cleared in time. See channel::item_id, running_item and
// worker_link::forget_current.

namespace {

constexpr std::uint8_t frames = 10; // of two items
constexpr std::uint8_t all = 2;     // replaces the item in the name of a frame

/// The name of an item, or with `all` of a frame; 0: none.
constexpr std::uint8_t name(std::uint8_t frame, std::uint8_t item) {
    return static_cast<std::uint8_t>(0x80 | frame % 8 << 2 | item);
}
constexpr std::uint8_t frame_of(std::uint8_t id) {
    return id & 0xfcU;
}
constexpr bool is_not_later(std::uint8_t id, std::uint8_t other) {
    return ((other >> 2) - (id >> 2) + 32) % 8 < 4;
}

struct names_of_items {
    enum class mistake {
        none,
        zero_names_an_item,               // the first item of the last frame before names are reused
        frame_is_named_as_its_first_item, //
        worker_keeps_a_request,           // after its frame
        worker_keeps_a_token,             //
        parent_keeps_what_timed_out,      // after its outcome
    };

    enum class worker_at : std::uint8_t { begin, ask_for_token, end, end_frame, done };

    struct state {
        // The worker: the thread that runs items.
        worker_at worker;
        std::uint8_t frame, item, running;
        std::uint8_t source, source_stopped; // the name for which the stop source was made
        // The worker's listening thread.
        std::uint8_t stop;
        // The request on its way.
        std::uint8_t request, requests_sent, request_frame;
        // The parent: the first item without an outcome is item `read` % 2 of frame `read` / 2.
        std::uint8_t published, read, timed_out, asked_frame, asked_item;
        // What happened.
        std::uint8_t stopped_wrongly, thrown_away;

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident) const {
        work(from, emit);
        hear(from, emit);
        collect(from, emit);
    }

    std::string_view fault(const state& s, bool is_end) const {
        if (s.stopped_wrongly)
            return "an item stops that was not asked to";
        if (s.thrown_away)
            return "a result is thrown away";
        if (is_end && s.read != 2 * frames)
            return "an item has no outcome";
        return {};
    }

  private:
    std::uint8_t name_of(std::uint8_t frame, std::uint8_t item) const {
        if (wrong == mistake::zero_names_an_item)
            return static_cast<std::uint8_t>(((frame + 1) % 8) << 2 | item);
        if (wrong == mistake::frame_is_named_as_its_first_item && item == all)
            return name(frame, 0);
        return name(frame, item);
    }
    bool is_wanted(const state& s, std::uint8_t id) const {
        const auto whole =
            wrong == mistake::frame_is_named_as_its_first_item ? frame_of(id) : frame_of(id) | all;
        return s.stop == id || s.stop == whole;
    }
    /// Whether the item was asked to stop, by its own name or by its frame's.
    static bool was_asked(const state& s, std::uint8_t frame, std::uint8_t item) {
        return s.requests_sent && s.asked_frame == frame && (s.asked_item == all || s.asked_item == item);
    }

    template <class Emit>
    void work(const state& from, Emit emit) const;
    template <class Emit>
    void hear(const state& from, Emit emit) const;
    template <class Emit>
    void collect(const state& from, Emit emit) const;
};

template <class Emit>
void names_of_items::work(const state& from, Emit emit) const {
    auto to = from;
    switch (from.worker) {
    case worker_at::begin:
        if (from.frame > from.read / 2 + 1) // at most two frames are in flight
            return;
        to.running = name_of(from.frame, from.item);
        to.worker = worker_at::ask_for_token;
        return emit(to, "an item begins");
    case worker_at::ask_for_token:
        to.worker = worker_at::end;
        emit(to, "the item asks for no token");
        if (from.source != from.running) {
            to.source = from.running;
            to.source_stopped = is_wanted(from, from.running);
        }
        if (to.source_stopped && !was_asked(from, from.frame, from.item))
            to.stopped_wrongly = 1;
        return emit(to, "the item asks for a token");
    case worker_at::end:
        if (from.source == from.running && from.source_stopped && !was_asked(from, from.frame, from.item))
            to.stopped_wrongly = 1;
        ++to.published;
        to.item = static_cast<std::uint8_t>((from.item + 1) % 2);
        to.worker = to.item == 0 ? worker_at::end_frame : worker_at::begin;
        return emit(to, "the item ends");
    case worker_at::end_frame:
        // Names are reused after many more frames than pass while a request is on its way.
        if (from.request != 0 && from.request_frame < from.frame)
            return;
        to.running = 0;
        if (wrong != mistake::worker_keeps_a_token)
            to.source = to.source_stopped = 0;
        if (wrong != mistake::worker_keeps_a_request && is_not_later(from.stop, name_of(from.frame, all)))
            to.stop = 0;
        ++to.frame;
        to.worker = to.frame == frames ? worker_at::done : worker_at::begin;
        return emit(to, "the frame ends");
    case worker_at::done:
        return;
    }
}

template <class Emit>
void names_of_items::hear(const state& from, Emit emit) const {
    if (from.request == 0)
        return;
    auto to = from;
    to.stop = from.request;
    to.request = 0;
    if (from.source != 0 && is_wanted(to, from.source))
        to.source_stopped = 1;
    emit(to, "the request arrives");
}

template <class Emit>
void names_of_items::collect(const state& from, Emit emit) const {
    auto to = from;
    const auto frame = static_cast<std::uint8_t>(from.read / 2);
    const auto item = static_cast<std::uint8_t>(from.read % 2);
    if (from.read != from.published) {
        if (from.timed_out == name_of(frame, item) && !was_asked(from, frame, item))
            to.thrown_away = 1;
        ++to.read;
        if (wrong != mistake::parent_keeps_what_timed_out)
            to.timed_out = 0;
        emit(to, "parent reads an outcome");
        to = from;
    }
    // One request. It names the first item without an outcome, or its frame; the worker has started the item,
    // or is about to.
    if (from.requests_sent || from.read == 2 * frames)
        return;
    to.requests_sent = 1;
    to.asked_frame = to.request_frame = frame;
    to.asked_item = item;
    to.request = to.timed_out = name_of(frame, item);
    emit(to, "the time of an item is up");
    to.timed_out = 0;
    to.asked_item = all;
    to.request = name_of(frame, all);
    emit(to, "a frame is cancelled");
}

std::string fault_of(names_of_items::mistake wrong) {
    names_of_items model;
    model.wrong = wrong;
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

bool has(const std::string& text, const char* what) {
    return text.rfind(what, 0) == 0;
}

using mistake = names_of_items::mistake;

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_names_of_items)

BOOST_AUTO_TEST_CASE(no_item_stops_or_is_thrown_away_for_another) {
    BOOST_TEST(fault_of(mistake::none) == "");
}

BOOST_AUTO_TEST_CASE(an_item_whose_name_means_none_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::zero_names_an_item), "a result is thrown away"));
}

BOOST_AUTO_TEST_CASE(a_frame_with_the_name_of_its_first_item_is_found_out) {
    BOOST_TEST(
        has(fault_of(mistake::frame_is_named_as_its_first_item), "an item stops that was not asked to"));
}

BOOST_AUTO_TEST_CASE(names_that_are_kept_are_found_out) {
    BOOST_TEST(has(fault_of(mistake::worker_keeps_a_request), "an item stops that was not asked to"));
    BOOST_TEST(has(fault_of(mistake::worker_keeps_a_token), "an item stops that was not asked to"));
    BOOST_TEST(has(fault_of(mistake::parent_keeps_what_timed_out), "a result is thrown away"));
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROTOCOL_MODEL_HPP
#define PROCPOOL_TEST_PROTOCOL_MODEL_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The protocol of a channel as a model: two frames of two items, one take-back, and at most one death of the
// worker. There is room for one record, so that the worker waits for room too, and for one frame or two, so
// that the parent does. Each step is one access to shared memory, in the order of the code.

namespace procpool::test {

struct protocol_model {
    /// A deliberate mistake of the model: a checker that does not find it checks nothing.
    enum class mistake {
        none,
        sleeper_looks_only_once,
        worker_asks_before_it_publishes,
        parent_asks_before_it_publishes,
        parent_forgets_to_ask_after_reading,
        building_is_cleared_before_publishing,
        building_is_not_checked_for_its_place,
        claim_is_no_single_step,
        worker_passes_without_asking,
    };

    enum class parent_at : std::uint8_t {
        open,
        publish,
        ask,
        exchange,
        ring,
        collect,
        sleep_say,
        sleep_look,
        sleep_block,
        wake_up,
        done
    };
    enum class worker_at : std::uint8_t {
        look,
        idle_say,
        idle_look,
        idle_block,
        idle_wake_up, // waits for a frame
        next,
        claim,
        claim_store,
        begin,
        open,
        store,
        pass,
        room_say,
        room_look,
        room_block,
        room_wake_up, // waits for room
        publish,
        clear_building,
        ask,
        exchange,
        ring
    };
    enum class outcome : std::uint8_t { none, finished, taken_back, lost, unbegun };

    struct record {
        std::uint8_t frame, first, items;

        bool operator==(const record&) const = default;
    };

    struct state {
        // Shared.
        std::uint8_t request_head, response_head, response_tail;
        std::array<std::uint8_t, 2> next, end; // the claim words
        std::uint8_t building_place, building_items;
        std::uint8_t worker_asleep, parent_asleep, worker_bell, parent_bell;
        std::array<record, 4> published;
        record begun_record; // its header is in the ring, its number of items in `building`
        // The parent's own state.
        parent_at parent, parent_then; // the step after `ask`
        std::uint8_t read, has_taken_back;
        // The worker's own state.
        worker_at worker, worker_then;
        std::uint8_t passed, item, claimed_end, record_items, record_is_open, seen_next, seen_end;
        std::uint8_t dead;
        // What happened to each item.
        std::array<std::uint8_t, 4> times_begun, kept;
        std::array<outcome, 4> outcomes;
        std::uint8_t twice; // an item has two outcomes

        bool operator==(const state&) const = default;
    };

    mistake wrong = mistake::none;
    std::uint8_t room_for_frames = 2;

    template <class Emit, class Accident>
    void steps(const state& from, Emit emit, Accident accident) const {
        parent_steps(from, emit);
        if (from.dead)
            return;
        worker_steps(from, emit);
        auto to = from;
        to.dead = 1;
        accident(to, "worker dies");
    }

    std::string_view fault(const state& s, bool is_end) const {
        for (std::size_t i = 0; i != 4; ++i) {
            const auto what = s.outcomes[i];
            if (s.times_begun[i] > 1)
                return "an item is begun twice";
            if (s.times_begun[i] != 0 && (what == outcome::taken_back || what == outcome::unbegun))
                return "an item is begun that the parent may give to another worker";
            if (what == outcome::lost && s.kept[i])
                return "an item is lost whose result was kept";
            if (what == outcome::finished && !s.kept[i])
                return "an item has finished that was not done";
        }
        if (s.twice)
            return "an item has two outcomes";
        if (!is_end)
            return {};
        if (s.parent != parent_at::done)
            return "the parent sleeps for ever";
        for (std::size_t i = 0; i != s.request_head * 2u; ++i)
            if (s.outcomes[i] == outcome::none)
                return "an item has no outcome";
        if (!s.dead && (s.worker != worker_at::idle_block || s.passed != s.request_head))
            return "the worker sleeps for ever";
        return {};
    }

  private:
    template <class Emit>
    void parent_steps(const state& from, Emit emit) const;
    template <class Emit>
    void collect(const state& from, Emit emit) const;
    worker_at after_publishing(const state& from) const;
    bool may_write(const state& s) const {
        return s.request_head != 2 && s.request_head - s.passed < room_for_frames;
    }
    template <class Emit>
    void worker_steps(const state& from, Emit emit) const;
    template <class Emit>
    void claim(const state& from, Emit emit) const;

    static constexpr std::uint8_t room_for_records = 1;

    static void settle(state& s, std::size_t item, outcome how) {
        s.twice = s.twice || s.outcomes[item] != outcome::none;
        s.outcomes[item] = how;
    }
    static void settle(state& s, const record& what) {
        for (auto i = what.first; i != what.first + what.items; ++i)
            settle(s, what.frame * 2u + i, outcome::finished);
    }
    void bury(state& s) const;
    void begin_publishing(state& s, worker_at then) const {
        s.worker = wrong == mistake::worker_asks_before_it_publishes         ? worker_at::ask
                   : wrong == mistake::building_is_cleared_before_publishing ? worker_at::clear_building
                                                                             : worker_at::publish;
        s.worker_then = then;
    }
};

} // namespace procpool::test

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/responses.hpp"

#include "support/channel_parts.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace channel = procpool::channel;
using channel::record;
using channel::record_kind;
using channel::response_header;
using procpool::test::lies_in;
using procpool::test::pattern;
using procpool::test::same_bytes;

namespace {

constexpr std::size_t ring_bytes = channel::response_ring_bytes;
constexpr std::size_t result_bytes = 128 * 1024;
constexpr auto values = static_cast<std::uint16_t>(record_kind::values);
constexpr auto exception = static_cast<std::uint16_t>(record_kind::exception);

/// Records as a worker would write them, by hand.
struct response_ring {
    channel::control control{};
    procpool::test::part ring{ring_bytes};
    procpool::test::part results{result_bytes};
    channel::response_reader reader{control, ring.view(), results.view()};
    channel::ring_writer writer{ring.view().data(), ring_bytes, control.response_head, control.response_tail};
    record seen;

    static response_header in_ring(std::uint64_t bytes) {
        return {values, channel::result_slots, 9, 4, 2, bytes, 0, 1234, 77};
    }
    static response_header in_arena(std::uint64_t location, std::uint64_t bytes) {
        return {values, 5, 9, 4, 1, bytes, location, 0, 0};
    }
    /// Publishes `header` and `payload` as one entry.
    void publish(const response_header& header, const std::vector<std::byte>& payload = {}) {
        const auto size = sizeof header + payload.size();
        const auto room = writer.reserve(size, size);
        BOOST_TEST_REQUIRE(!room.empty());
        std::memcpy(room.data(), &header, sizeof header);
        if (!payload.empty())
            std::memcpy(room.data() + sizeof header, payload.data(), payload.size());
        writer.publish(size);
    }
    /// Begins a record at the position of the next entry, without publishing it.
    void begin(const response_header& header, const std::vector<std::byte>& payload, std::uint32_t items) {
        const auto room = writer.reserve(20'000, 20'000);
        std::memcpy(room.data(), &header, sizeof header);
        std::memcpy(room.data() + sizeof header, payload.data(), payload.size());
        control.building = writer.position() / channel::cache_line << 32 | items;
    }
    void pass_all() {
        while (reader.front(seen))
            reader.pop();
        reader.release_ring();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(response_reader, response_ring)

BOOST_AUTO_TEST_CASE(a_record_is_read_as_it_was_written) {
    const auto payload = pattern(100, 1);
    publish(in_ring(100), payload);
    BOOST_TEST(!reader.empty());
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST((seen.kind == record_kind::values));
    BOOST_TEST(seen.sequence == 9u);
    BOOST_TEST(seen.first == 4u);
    BOOST_TEST(seen.items == 2u);
    BOOST_TEST(seen.begun == 1234u);
    BOOST_TEST(seen.nanoseconds == 77u);
    BOOST_TEST(!seen.slot.has_value());
    BOOST_TEST(same_bytes(seen.payload, payload));
    reader.pop();
    BOOST_TEST(!reader.front(seen));
    BOOST_TEST(reader.empty());
    BOOST_TEST(!reader.damaged());
}

BOOST_AUTO_TEST_CASE(a_record_may_have_no_bytes) {
    publish(in_ring(0));
    publish(in_ring(3), pattern(3, 1));
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(seen.payload.empty());
    reader.pop();
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(same_bytes(seen.payload, pattern(3, 1)));
}

BOOST_AUTO_TEST_CASE(an_exception_is_told_from_values) {
    auto header = in_ring(3);
    header.kind = exception;
    publish(header, pattern(3, 1));
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST((seen.kind == record_kind::exception));
}

BOOST_AUTO_TEST_CASE(a_result_in_the_arena_is_found_there_and_names_its_slot) {
    const auto value = pattern(1000, 3);
    std::memcpy(results.view().data() + 65536, value.data(), value.size());
    publish(in_arena(65536, value.size()));
    publish(in_ring(3), pattern(3, 1));
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(same_bytes(seen.payload, value));
    BOOST_TEST((seen.slot == 5u));
    reader.pop();
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(same_bytes(seen.payload, pattern(3, 1)));
}

BOOST_AUTO_TEST_CASE(a_slot_that_is_released_is_marked_for_the_worker) {
    channel::response_reader::release_slot(control, 5);
    BOOST_TEST(control.released[5].load() == 1u);
    BOOST_TEST(control.released[4].load() == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_go_back_when_the_ring_is_released) {
    publish(in_ring(100), pattern(100, 1));
    reader.front(seen);
    reader.pop();
    BOOST_TEST(control.response_tail == 0u);
    reader.release_ring();
    BOOST_TEST(control.response_tail == 192u);
}

BOOST_AUTO_TEST_CASE(a_number_that_makes_no_sense_is_damage) {
    const std::vector<std::function<void(response_header&)>> lies{
        [](auto& h) { h.kind = 0; },
        [](auto& h) { h.kind = 3; },
        [](auto& h) { h.kind = UINT16_MAX; },
        [](auto& h) { h.items = 0; },
        [](auto& h) { h.slot = channel::result_slots + 1; },
        [](auto& h) { h.slot = UINT16_MAX; },
        [](auto& h) { h.bytes = 64 + 16 + 1; }, // the entry has two cache lines
        [](auto& h) { h.bytes = UINT64_MAX; },
        [](auto& h) { h.bytes = UINT64_MAX - sizeof h + 1; },
        [](auto& h) { h = in_arena(result_bytes + 16, 0); },
        [](auto& h) { h = in_arena(UINT64_MAX - 15, 16); },
        [](auto& h) { h = in_arena(0, result_bytes + 1); },
        [](auto& h) { h = in_arena(16, result_bytes); },
        [](auto& h) { h = in_arena(16, UINT64_MAX - 8); },
        [](auto& h) { h = in_arena(8, 8); },
    };
    for (std::size_t i = 0; i != lies.size(); ++i) {
        BOOST_TEST_INFO_SCOPE("lie " << i);
        response_ring other;
        auto header = in_ring(64);
        lies[i](header);
        other.publish(header, pattern(64, 1));
        BOOST_TEST(!other.reader.front(other.seen));
        BOOST_TEST(other.reader.damaged());
        BOOST_TEST(!other.reader.front(other.seen));
    }
}

BOOST_AUTO_TEST_CASE(the_whole_arena_may_be_one_result) {
    publish(in_arena(0, result_bytes));
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(seen.payload.data() == results.view().data());
    BOOST_TEST(seen.payload.size() == result_bytes);
}

BOOST_AUTO_TEST_CASE(a_head_beyond_the_ring_is_damage) {
    control.response_head = ring_bytes + 64;
    BOOST_TEST(!reader.front(seen));
    BOOST_TEST(reader.damaged());
    BOOST_TEST(!reader.unfinished(seen));
}

BOOST_AUTO_TEST_CASE(finished_items_of_an_unpublished_record_are_found) {
    publish(in_ring(100), pattern(100, 1));
    begin(in_ring(0), pattern(500, 2), 3);
    pass_all();
    BOOST_TEST_REQUIRE(reader.unfinished(seen));
    BOOST_TEST(seen.items == 3u);
    BOOST_TEST(seen.first == 4u);
    BOOST_TEST(seen.sequence == 9u);
    BOOST_TEST_REQUIRE(seen.payload.size() >= 500u);
    BOOST_TEST(same_bytes(seen.payload.first(500), pattern(500, 2)));
}

BOOST_AUTO_TEST_CASE(an_unpublished_record_is_found_behind_a_wrap) {
    for (int i = 0; i != 15; ++i) { // 15 * 16448 bytes leave less than a record's room before the end
        publish(in_ring(16'400), pattern(16'400, 1));
        pass_all();
    }
    begin(in_ring(0), pattern(500, 2), 3);
    BOOST_TEST(writer.position() == ring_bytes);
    pass_all();
    BOOST_TEST_REQUIRE(reader.unfinished(seen));
    BOOST_TEST(same_bytes(seen.payload.first(500), pattern(500, 2)));
}

BOOST_AUTO_TEST_CASE(an_unpublished_record_without_a_finished_item_is_none) {
    begin(in_ring(0), pattern(500, 2), 0);
    BOOST_TEST(!reader.unfinished(seen));
}

BOOST_AUTO_TEST_CASE(a_record_that_was_published_after_all_is_not_found_again) {
    begin(in_ring(500), pattern(500, 2), 3);
    writer.publish(sizeof(response_header) + 500); // and death, before the building word was cleared
    BOOST_TEST_REQUIRE(reader.front(seen));
    reader.pop();
    BOOST_TEST(!reader.unfinished(seen));
}

BOOST_AUTO_TEST_CASE(a_record_of_an_earlier_lap_is_not_taken_for_an_unpublished_one) {
    begin(in_ring(500), pattern(500, 2), 3);
    const auto stale = control.building.load();
    writer.publish(sizeof(response_header) + 500);
    pass_all();
    while (writer.position() < ring_bytes) { // a whole lap of records of the same place
        publish(in_ring(976), pattern(976, 3));
        pass_all();
    }
    control.building = stale;
    BOOST_TEST(!reader.unfinished(seen));
}

BOOST_AUTO_TEST_CASE(an_unpublished_record_that_makes_no_sense_is_not_taken) {
    auto header = in_ring(0);
    header.slot = 3;
    begin(header, pattern(500, 2), 3);
    BOOST_TEST(!reader.unfinished(seen));
    header = in_ring(0);
    header.kind = 7;
    begin(header, pattern(500, 2), 3);
    BOOST_TEST(!reader.unfinished(seen));
}

BOOST_AUTO_TEST_CASE(whatever_is_scribbled_over_the_channel_nothing_outside_is_shown) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    const auto some = [&]() -> std::uint64_t {
        switch (random.below(5)) {
        case 0:
            return random.number();
        case 1:
            return random.below(4);
        case 2:
            return random.below(ring_bytes / 64) * 64;
        case 3:
            return UINT64_MAX - random.below(200);
        default:
            return random.below(2 * result_bytes);
        }
    };
    std::uint64_t records = 0, recovered = 0, damages = 0;
    for (int round = 0; round != 3000; ++round) {
        response_ring other;
        for (std::size_t at = 0; at < 8192; at += channel::cache_line) {
            response_header header{};
            header.kind = static_cast<std::uint16_t>(random.once_in(10) ? some() : 1 + random.below(2));
            header.slot = static_cast<std::uint16_t>(random.once_in(8) ? some() : random.below(2) * 59 + 5);
            header.items = static_cast<std::uint32_t>(some());
            header.bytes = random.once_in(4) ? some() : random.below(300);
            header.location = random.once_in(4) ? some() : random.below(result_bytes / 16) * 16;
            other.ring.put(at, header);
            if (random.once_in(20))
                other.ring.put(at, channel::wrap_mark);
        }
        other.control.response_head = random.once_in(3) ? some() : random.below(128) * channel::cache_line;
        other.control.building = random.once_in(2) ? some() : random.below(128) << 32 | 1;
        std::size_t turns = 0, touched = 0;
        while (other.reader.front(other.seen)) {
            BOOST_TEST_REQUIRE(++turns <= ring_bytes / channel::cache_line);
            BOOST_TEST_REQUIRE(
                lies_in(other.seen.payload, other.seen.slot ? other.results.view() : other.ring.view()));
            BOOST_TEST_REQUIRE((!other.seen.slot || *other.seen.slot < channel::result_slots));
            for (const auto byte : other.seen.payload)
                touched += static_cast<std::size_t>(byte);
            other.reader.pop();
        }
        records += turns;
        damages += other.reader.damaged();
        if (other.reader.unfinished(other.seen)) {
            ++recovered;
            BOOST_TEST_REQUIRE(lies_in(other.seen.payload, other.ring.view()));
            for (const auto byte : other.seen.payload)
                touched += static_cast<std::size_t>(byte);
        }
        BOOST_TEST_REQUIRE(touched != SIZE_MAX);
    }
    BOOST_TEST(records > 100u); // the scribbling is plausible enough to get past the first check
    BOOST_TEST(damages > 100u);
    BOOST_TEST(recovered > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"
#include "support/response_channel.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

// A worker dies at a step of building a record: it stops writing.

namespace channel = procpool::channel;
namespace test = procpool::test;
using bytes = std::vector<std::byte>;
using channel::record_kind;
using test::outcome;
using test::outcomes;
using test::pattern;

namespace {

constexpr std::uint64_t arena_bytes = 4 << 20;

/// Frames with odd numbers have packed values, of a size that depends on the number.
std::optional<std::size_t> packed_size_of(std::uint64_t sequence) {
    return sequence % 2 == 0 ? std::nullopt : std::optional<std::size_t>(sequence * 7919 % 300);
}

struct fixture : test::same_descriptors_after, test::response_channel {
    fixture() : response_channel(arena_bytes) { writer.begin_frame(0); }

    test::record_parser parser{packed_size_of};
    outcomes expected;

    void value(std::uint64_t sequence, std::uint32_t item, std::size_t size) {
        const auto bytes = pattern(size, sequence + item);
        write_value(item, bytes);
        expected[{sequence, item}] = {record_kind::values, bytes};
    }
    /// What a parent finds in the channel after the death of the worker.
    outcomes known_after_death() {
        outcomes known;
        collect(parser, known);
        channel::record last;
        if (reader.unfinished(last))
            parser.add(last, known);
        return known;
    }
    bool something_unfinished() {
        channel::record last;
        return reader.unfinished(last);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(unfinished, fixture)

BOOST_AUTO_TEST_CASE(a_worker_that_wrote_nothing_left_nothing) {
    BOOST_TEST(known_after_death().empty());
}

BOOST_AUTO_TEST_CASE(complete_values_are_kept_and_the_begun_one_is_not) {
    value(0, 0, 100);
    value(0, 1, 5);
    writer.begin_value(2).write_bytes(pattern(50, 9).data(), 50);
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(complete_packed_values_are_kept) {
    writer.begin_frame(1);
    std::uint32_t count = 10;
    const auto size = *packed_size_of(1);
    auto* at = writer.packed_room(0, size, count);
    for (std::uint32_t i = 0; i != 3; ++i, at += size) {
        const auto bytes = pattern(size, i);
        std::memcpy(at, bytes.data(), size);
        writer.packed(1, size);
        expected[{1, i}] = {record_kind::values, bytes};
    }
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(room_without_a_value_is_nothing) {
    std::uint32_t count = 10;
    writer.packed_room(0, 8, count);
    BOOST_TEST(!something_unfinished());
}

BOOST_AUTO_TEST_CASE(the_largest_value_of_a_record_is_kept_whole) {
    value(0, 0, channel::inline_limit_bytes);
    BOOST_TEST(reader.empty());
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(a_record_full_of_packed_values_is_kept_whole) {
    constexpr std::uint64_t frame = 1;
    test::record_parser of_16([](std::uint64_t) { return std::size_t{16}; });
    writer.begin_frame(frame);
    std::uint32_t count = 100'000;
    auto* at = writer.packed_room(0, 16, count);
    for (std::uint32_t i = 0; i != count; ++i, at += 16) {
        const auto bytes = pattern(16, i);
        std::memcpy(at, bytes.data(), bytes.size());
        writer.packed(1, 16);
        expected[{frame, i}] = {record_kind::values, bytes};
    }
    channel::record last;
    outcomes known;
    BOOST_TEST_REQUIRE(reader.unfinished(last));
    of_16.add(last, known);
    BOOST_TEST((known == expected));
}

BOOST_AUTO_TEST_CASE(a_begun_value_is_lost_wherever_it_lies) {
    for (const auto size : std::initializer_list<std::size_t>{0, 100, 20'000, 300'000}) {
        fixture worker;
        worker.value(0, 0, 10);
        worker.writer.begin_value(1).write_bytes(pattern(size, 1).data(), size);
        BOOST_TEST((worker.known_after_death() == worker.expected));
    }
}

BOOST_AUTO_TEST_CASE(a_begun_exception_is_lost_and_what_came_before_is_not) {
    value(0, 0, 10);
    writer.begin_exception(1).write_bytes(pattern(50, 1).data(), 50);
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(an_abandoned_value_is_not_kept) {
    value(0, 0, 10);
    writer.begin_value(1).write_bytes(pattern(50, 1).data(), 50);
    writer.abandon_value();
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(what_was_published_is_not_kept_twice) {
    value(0, 0, 10);
    const auto building = control.building.load();
    writer.flush();
    control.building = building; // death between publishing and clearing the word
    BOOST_TEST((known_after_death() == expected));
}

BOOST_AUTO_TEST_CASE(death_at_any_step_keeps_what_was_complete) {
    test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int life = 0; life != 300; ++life) {
        fixture worker;
        outcomes known;
        std::uint64_t last_building = 0;
        const auto steps = random.between(1, 400);
        std::uint64_t sequence = 0;
        std::uint32_t item = 0;
        for (std::uint64_t step = 0; step != steps; ++step) {
            if (const auto building = worker.control.building.load(); building != 0)
                last_building = building;
            const auto packed = packed_size_of(sequence);
            const auto name = test::item_name{sequence, item};
            const auto bytes = pattern(packed ? *packed : random.below(random.once_in(20) ? 100'000 : 3000),
                                       random.number());
            switch (random.below(8)) {
            case 0:
                worker.writer.flush();
                break;
            case 1:
                worker.writer.flush();
                worker.writer.begin_frame(++sequence);
                item = 0;
                break;
            case 2:
                worker.write_exception(item++, bytes);
                worker.expected[name] = {record_kind::exception, bytes};
                break;
            case 3:
                if (!packed) {
                    worker.writer.begin_value(item).write_bytes(bytes.data(), bytes.size());
                    worker.writer.abandon_value();
                }
                break;
            default:
                if (packed)
                    worker.write_packed(item, {bytes});
                else
                    worker.write_value(item, bytes);
                ++item;
                worker.expected[name] = {record_kind::values, bytes};
            }
            const auto unread = worker.control.response_head - worker.control.response_tail;
            if (random.once_in(10) || unread > channel::response_ring_bytes / 2)
                worker.collect(worker.parser, known);
        }
        if (!packed_size_of(sequence) && random.once_in(2))
            worker.writer.begin_value(item).write_bytes(pattern(2000, 1).data(), random.below(2000));
        if (worker.control.building == 0)
            worker.control.building = last_building; // a cleared word never names a later record
        worker.collect(worker.parser, known);
        channel::record last;
        if (worker.reader.unfinished(last))
            worker.parser.add(last, known);
        BOOST_TEST_REQUIRE((known == worker.expected));
    }
}

BOOST_AUTO_TEST_CASE(complete_values_are_kept_at_the_end_of_any_counter) {
    const auto ring = channel::response_ring_bytes;
    // The position of a record in control::building has 32 bits, and counts cache lines; a ring position has
    // 64.
    for (const std::uint64_t end : {std::uint64_t{1} << 38, std::uint64_t{0}}) {
        test::response_channel other(arena_bytes, end - ring);
        outcomes known;
        for (std::uint32_t item = 0; item != 40; ++item) {
            other.writer.begin_frame(2 * item);
            const auto bytes = pattern(16'000, item);
            other.write_value(0, bytes);
            BOOST_TEST_REQUIRE(other.control.building != 0u);
            channel::record last;
            BOOST_TEST_REQUIRE(other.reader.unfinished(last));
            BOOST_TEST_REQUIRE(last.sequence == 2 * item);
            other.writer.flush();
            BOOST_TEST_REQUIRE(!other.reader.unfinished(last));
            other.collect(parser, known);
            BOOST_TEST_REQUIRE((known[{2 * item, 0}] == outcome{record_kind::values, bytes}));
        }
        BOOST_TEST(other.control.response_head < end + 40 * 20'000); // and so beyond the end
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}

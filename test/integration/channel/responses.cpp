// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"
#include "support/response_channel.hpp"

#include <procpool/detail/codec/elements.hpp>
#include <procpool/error.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace channel = procpool::channel;
namespace test = procpool::test;
using bytes = std::vector<std::byte>;
using channel::record_kind;
using namespace std::chrono_literals;
using test::outcome;
using test::outcomes;
using test::pattern;

namespace {

constexpr std::uint64_t arena_bytes = 4 << 20;

std::optional<std::size_t> no_packing(std::uint64_t) {
    return std::nullopt;
}

struct fixture : test::same_descriptors_after, test::response_channel {
    fixture() : response_channel(arena_bytes) { writer.begin_frame(0); }

    test::record_parser parser{no_packing};
    outcomes got;

    outcomes& collected() {
        collect(parser, got);
        return got;
    }

    using clock = channel::response_writer::clock;
    static clock::time_point at(std::chrono::nanoseconds time) {
        return clock::time_point(std::chrono::duration_cast<clock::duration>(time));
    }
    static std::uint64_t nanoseconds_of(clock::time_point time) {
        return static_cast<std::uint64_t>(std::chrono::nanoseconds(time.time_since_epoch()).count());
    }
    /// When the first item of a record began, and the time of each item, in nanoseconds.
    using times = std::pair<std::uint64_t, std::uint64_t>;
    times times_of_next() {
        channel::record record;
        BOOST_TEST_REQUIRE(reader.front(record));
        reader.pop();
        return {record.begun, record.nanoseconds};
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(responses, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_visible_before_it_is_flushed) {
    write_value(0, pattern(10, 1));
    BOOST_TEST(reader.empty());
    writer.flush();
    channel::record record;
    BOOST_TEST_REQUIRE(reader.front(record));
    BOOST_TEST(record.items == 1u);
    BOOST_TEST(record.sequence == 0u);
}

BOOST_AUTO_TEST_CASE(the_items_of_a_record_share_the_time_since_the_last_one) {
    write_value(0, pattern(10, 1));
    write_value(1, pattern(10, 1));
    writer.resume(at(100ns));
    writer.begun(2);
    writer.flush(at(300ns));
    BOOST_TEST((times_of_next() == times(100, 100)));
    write_value(2, pattern(10, 1));
    writer.begun(1);
    writer.flush(at(307ns));
    BOOST_TEST((times_of_next() == times(300, 7)));
}

BOOST_AUTO_TEST_CASE(waiting_belongs_to_no_item) {
    writer.resume(at(1s));
    write_value(0, pattern(10, 1));
    writer.begun(1);
    writer.flush(at(1s + 5ns));
    BOOST_TEST((times_of_next() == times(1'000'000'000, 5)));
}

BOOST_AUTO_TEST_CASE(an_item_whose_result_comes_later_has_its_share_of_the_time) {
    writer.resume(at(100ns));
    write_value(0, pattern(10, 1));
    writer.begun(3); // of one, the result is in the record
    writer.flush(at(400ns));
    BOOST_TEST((times_of_next() == times(100, 100)));
    write_value(1, pattern(10, 1));
    write_value(2, pattern(10, 1));
    writer.flush(at(600ns));
    BOOST_TEST((times_of_next() == times(200, 200)));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_published_for_want_of_room_has_times) {
    writer.resume(clock::now() - 1h);
    const auto began = nanoseconds_of(writer.measured_until());
    writer.begun(2);
    write_value(0, pattern(10'000, 1));
    write_value(1, pattern(10'000, 2)); // has no room beside the first
    const auto [begun, each] = times_of_next();
    BOOST_TEST(begun == began);
    BOOST_TEST(each >= 1'800'000'000'000u); // half of an hour
    writer.flush();
    const auto [begun_after, each_after] = times_of_next();
    BOOST_TEST(begun_after == began + each);
    BOOST_TEST(each_after >= each);
}

BOOST_AUTO_TEST_CASE(an_exception_and_a_big_value_have_times) {
    writer.begun(1);
    write_exception(0, pattern(10, 1));
    BOOST_TEST(times_of_next().second >= 1u);
    writer.begun(1);
    write_value(1, pattern(20'000, 1));
    BOOST_TEST(times_of_next().second >= 1u);
}

BOOST_AUTO_TEST_CASE(values_share_a_record) {
    for (std::uint32_t i = 0; i != 20; ++i)
        write_value(i, pattern(i * 3, i));
    writer.flush();
    channel::record record;
    BOOST_TEST_REQUIRE(reader.front(record));
    BOOST_TEST(record.items == 20u);
    collected();
    for (std::uint32_t i = 0; i != 20; ++i)
        BOOST_TEST((got.at({0, i}) == outcome{record_kind::values, pattern(i * 3, i)}));
}

BOOST_AUTO_TEST_CASE(values_of_any_size_fill_record_after_record) {
    constexpr std::uint32_t items = 600;
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 10, 16, 100, 1000, 3000, 5000}) {
        got.clear();
        for (std::uint32_t i = 0; i != items; ++i) {
            write_value(i, pattern(size, i));
            if (i % 10 == 9) // full records were published meanwhile
                collected();
        }
        writer.flush();
        BOOST_TEST_REQUIRE(collected().size() == items);
        for (std::uint32_t i = 0; i != items; ++i)
            BOOST_TEST_REQUIRE((got.at({0, i}) == outcome{record_kind::values, pattern(size, i)}));
    }
}

BOOST_AUTO_TEST_CASE(packed_values_of_any_size_share_records) {
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 3, 8, 48, 1000, 16'384}) {
        test::response_channel other(arena_bytes);
        other.writer.begin_frame(3);
        std::vector<bytes> values;
        for (std::uint32_t i = 0; i != 12; ++i)
            values.push_back(pattern(size, i));
        other.write_packed(5, values);
        other.writer.flush();
        outcomes all;
        other.collect(test::record_parser([&](std::uint64_t) { return size; }), all);
        BOOST_TEST_REQUIRE(all.size() == 12u);
        for (std::uint32_t i = 0; i != 12; ++i)
            BOOST_TEST((all.at({3, 5 + i}) == outcome{record_kind::values, values[i]}));
    }
}

BOOST_AUTO_TEST_CASE(room_for_packed_values_is_at_least_one_and_at_most_a_record) {
    std::uint32_t count = 1'000'000;
    writer.packed_room(0, 8, count);
    BOOST_TEST(count >= 2048u);
    BOOST_TEST(count <= channel::inline_limit_bytes / 8 + 8);
    for (std::uint32_t i = 0; i != count; ++i)
        writer.packed(1, 8);
    std::uint32_t more = 10;
    writer.packed_room(count, 8, more);
    BOOST_TEST(!reader.empty()); // the full record was published
    BOOST_TEST(more == 10u);
}

BOOST_AUTO_TEST_CASE(an_exception_stands_between_values_in_order) {
    write_value(0, pattern(10, 1));
    write_exception(1, pattern(20, 2));
    write_value(2, pattern(30, 3));
    writer.flush();
    BOOST_TEST(collected().size() == 3u);
    BOOST_TEST((got.at({0, 0}) == outcome{record_kind::values, pattern(10, 1)}));
    BOOST_TEST((got.at({0, 1}) == outcome{record_kind::exception, pattern(20, 2)}));
    BOOST_TEST((got.at({0, 2}) == outcome{record_kind::values, pattern(30, 3)}));
}

BOOST_AUTO_TEST_CASE(an_exception_is_published_at_once) {
    write_exception(0, pattern(20, 2));
    BOOST_TEST(collected().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_value_of_any_size_arrives_written_byte_by_byte) {
    std::uint32_t item = 0;
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 16'383, 16'384, 16'385, 65'536, 65'537,
                                                              300'000, 1'500'000}) {
        write_value(item, pattern(5, item)); // shares the record until the next value outgrows it
        auto& out = writer.begin_value(item + 1);
        const auto value = pattern(size, item);
        for (const auto& byte : value)
            out.write_bytes(&byte, 1);
        writer.end_value();
        writer.flush();
        BOOST_TEST_REQUIRE((collected().at({0, item}) == outcome{record_kind::values, pattern(5, item)}));
        BOOST_TEST_REQUIRE((got.at({0, item + 1}) == outcome{record_kind::values, value}));
        item += 2;
    }
}

BOOST_AUTO_TEST_CASE(an_exception_may_be_as_large_as_a_value) {
    write_value(0, pattern(5, 1));
    write_exception(1, pattern(500'000, 2));
    BOOST_TEST((collected().at({0, 1}) == outcome{record_kind::exception, pattern(500'000, 2)}));
}

BOOST_AUTO_TEST_CASE(a_value_that_leaves_a_shared_record_leaves_the_complete_ones_published) {
    write_value(0, pattern(5, 1));
    writer.begin_value(1).write_bytes(pattern(20'000, 2).data(), 20'000);
    BOOST_TEST(collected().size() == 1u);
    writer.end_value();
    BOOST_TEST(collected().size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_abandoned_value_leaves_no_trace) {
    for (const auto size : std::initializer_list<std::size_t>{10, 10'000, 20'000, 200'000, 2'000'000}) {
        got.clear();
        write_value(0, pattern(7, 1));
        writer.begin_value(1).write_bytes(pattern(size, 2).data(), size);
        writer.abandon_value();
        write_exception(1, pattern(9, 3));
        write_value(2, pattern(8, 4));
        writer.flush();
        BOOST_TEST(collected().size() == 3u);
        BOOST_TEST((got.at({0, 0}) == outcome{record_kind::values, pattern(7, 1)}));
        BOOST_TEST((got.at({0, 1}) == outcome{record_kind::exception, pattern(9, 3)}));
        BOOST_TEST((got.at({0, 2}) == outcome{record_kind::values, pattern(8, 4)}));
    }
}

BOOST_AUTO_TEST_CASE(an_abandoned_exception_may_be_replaced) {
    write_value(0, pattern(7, 1));
    writer.begin_exception(1).write_bytes(pattern(100'000, 2).data(), 100'000);
    writer.abandon_value();
    write_exception(1, pattern(9, 3));
    BOOST_TEST((collected().at({0, 1}) == outcome{record_kind::exception, pattern(9, 3)}));
    BOOST_TEST(got.size() == 2u);
}

BOOST_AUTO_TEST_CASE(room_that_was_asked_for_and_not_used_belongs_to_no_frame) {
    std::uint32_t count = 4;
    writer.packed_room(3, 8, count);
    writer.flush();
    writer.begin_frame(1);
    write_value(0, pattern(5, 1));
    writer.flush();
    BOOST_TEST((collected().at({1, 0}) == outcome{record_kind::values, pattern(5, 1)}));
    BOOST_TEST(got.size() == 1u);
}

BOOST_AUTO_TEST_CASE(blocks_are_used_again_once_they_are_released) {
    for (std::uint32_t i = 0; i != 200; ++i) { // 200 MB through 4 MB
        write_value(i, pattern(1'000'000, i));
        collected();
    }
    BOOST_TEST(got.size() == 200u);
    BOOST_TEST((got.at({0, 199}) == outcome{record_kind::values, pattern(1'000'000, 199)}));
}

BOOST_AUTO_TEST_CASE(a_growing_value_keeps_its_depth) {
    using procpool::detail::nesting;
    const bytes much(17'000);
    write_value(0, pattern(5, 1));
    auto& out = writer.begin_value(1);
    std::vector<std::unique_ptr<nesting>> levels;
    const auto dive = [&](unsigned by) {
        for (unsigned i = 0; i != by; ++i)
            levels.push_back(std::make_unique<nesting>(out));
    };
    dive(nesting::limit / 2);
    out.write_bytes(much.data(), much.size()); // outgrows the shared record
    dive(nesting::limit - nesting::limit / 2);
    BOOST_CHECK_THROW(dive(1), procpool::codec_error);
    while (!levels.empty())
        levels.pop_back();
    writer.end_value();
}

BOOST_AUTO_TEST_CASE(a_value_larger_than_the_arena_is_an_error_of_its_own) {
    write_value(0, pattern(5, 1));
    auto& out = writer.begin_value(1);
    const bytes much(arena_bytes + 1);
    BOOST_CHECK_THROW(out.write_bytes(much.data(), much.size()), procpool::codec_error);
    writer.abandon_value();
    write_exception(1, pattern(9, 3));
    write_value(2, pattern(2'000'000, 4));
    BOOST_TEST(collected().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_value_too_large_is_an_error_too_once_others_have_left_the_arena) {
    write_value(0, pattern(100'000, 1));
    std::vector<std::uint32_t> kept;
    collect(parser, got, &kept);
    BOOST_TEST_REQUIRE(kept.size() == 1u);
    std::thread parent([&] {
        while (channel::wake_needed(control.worker_asleep) == channel::sleep::awake)
            std::this_thread::yield();
        channel::response_reader::release_slot(control, kept[0]);
        worker_bell.ring();
    });
    auto& out = writer.begin_value(1);
    const bytes much(arena_bytes + 1);
    BOOST_CHECK_THROW(out.write_bytes(much.data(), much.size()), procpool::codec_error);
    parent.join();
}

#if !defined(_WIN32) // lacks a way to have the system refuse memory
BOOST_AUTO_TEST_CASE(memory_that_could_not_be_had_is_not_taken_for_memory_that_is_there) {
    const bytes much(1'000'000);
    {
        const test::no_more_memory shortage(memory.memory());
        for (std::uint32_t i = 0; i != 3; ++i) {
            auto& out = writer.begin_value(i);
            BOOST_CHECK_THROW(out.write_bytes(much.data(), much.size()), procpool::codec_error);
            writer.abandon_value();
            write_exception(i, pattern(9, 3));
        }
    }
    write_value(3, much);
    BOOST_TEST(collected().size() == 4u);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}

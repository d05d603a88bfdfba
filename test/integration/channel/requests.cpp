// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/requests.hpp"
#include "channel/argument_memory.hpp"
#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace channel = procpool::channel;
namespace test = procpool::test;
using channel::request_header;
using test::pattern;
using test::same_bytes;

namespace {

struct fixture : test::same_descriptors_after {
    channel::argument_memory arguments;
    channel::argument_view view{arguments.memory()};
    channel::control control{};
    test::part ring{channel::request_ring_bytes};
    channel::request_writer writer{control, ring.view()};
    channel::request_reader reader{control, ring.view(), view};
    channel::frame seen;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(requests, fixture)

BOOST_AUTO_TEST_CASE(a_frame_is_read_as_it_was_written) {
    const auto function = pattern(48, 1);
    const auto items = pattern(500, 2);
    BOOST_TEST(reader.empty());
    writer.write(7, 3, function, items);
    BOOST_TEST(!reader.empty());
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(seen.sequence == 0u);
    BOOST_TEST(seen.task == 7u);
    BOOST_TEST(seen.items == 3u);
    BOOST_TEST(same_bytes(seen.function, function));
    BOOST_TEST(same_bytes(seen.arguments, items));
    reader.pop();
    BOOST_TEST(reader.empty());
}

BOOST_AUTO_TEST_CASE(arguments_that_are_located_are_read_where_they_are) {
    const auto payload = pattern(1'000'000, 1);
    const auto block = arguments.allocate(payload.size());
    std::memcpy(arguments.data(block), payload.data(), payload.size());
    writer.write_located(7, 3, block.offset, payload.size(), 64);
    writer.write(8, 1, {}, pattern(10, 1));
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(same_bytes(seen.function, std::span(payload).first(64)));
    BOOST_TEST(same_bytes(seen.arguments, std::span(payload).subspan(64)));
    reader.pop();
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(seen.task == 8u);
    BOOST_TEST(seen.sequence == 1u);
    BOOST_TEST(same_bytes(seen.arguments, pattern(10, 1)));
}

BOOST_AUTO_TEST_CASE(a_frame_is_claimed_by_the_word_that_the_parent_takes_back_from) {
    for (int i = 0; i != 5; ++i)
        writer.write(1, 4, {}, {});
    for (std::uint64_t i = 0; i != 5; ++i) {
        BOOST_TEST_REQUIRE(reader.front(seen));
        BOOST_TEST(channel::claim(*seen.claim_word, 1).size() == 1u);
        BOOST_TEST(writer.claimed(i).next == 1u);
        BOOST_TEST((writer.take_back(i, 10, 4) == channel::item_range{1, 4}));
        BOOST_TEST(channel::claim(*seen.claim_word, 1).empty());
        reader.pop();
    }
}

BOOST_AUTO_TEST_CASE(a_frame_keeps_its_place_until_it_is_passed) {
    while (writer.write(1, 1, {}, pattern(16'000, 1)))
        ;
    BOOST_TEST_REQUIRE(reader.front(seen));
    BOOST_TEST(!writer.write(1, 1, {}, pattern(16'000, 1)));
    BOOST_TEST(same_bytes(seen.arguments, pattern(16'000, 1)));
    reader.pop();
    BOOST_TEST(writer.write(1, 1, {}, pattern(16'000, 1)));
}

BOOST_AUTO_TEST_CASE(claim_words_are_used_again_after_they_are_passed) {
    for (std::uint32_t i = 0; i != 3 * channel::frame_slots; ++i) {
        BOOST_TEST_REQUIRE(writer.write(1, i + 1, {}, {}));
        BOOST_TEST_REQUIRE(reader.front(seen));
        BOOST_TEST_REQUIRE(seen.sequence == i);
        BOOST_TEST_REQUIRE((channel::claim(*seen.claim_word, UINT32_MAX) == channel::item_range{0, i + 1}));
        reader.pop();
    }
}

BOOST_AUTO_TEST_CASE(a_frame_that_makes_no_sense_is_refused) {
    const auto size = arguments.memory().size();
    constexpr auto most = request_header::max_payload_bytes;
    const request_header lies[]{
        request_header::of(0, 0, 1, 64, 0, 64),
        request_header::of(1, 0, 1, 97, 0, 64),
        request_header::of(1, 0, 1, most, 0, 64),
        request_header::of(1, 0, 1, 64, 0, 65),
        request_header::of(1, 0, 1, 64, 0, UINT32_MAX),
        request_header::of(1, 0, 1, 64, 0, most),
        request_header::of(1, 0, 1, 64, size, 64),
        request_header::of(1, 0, 1, 64, size - 63, 64),
        request_header::of(1, 0, 1, 64, most, 64),
        request_header::of(1, 0, 1, size - 65'535, 65'536, 64),
        {1, 0, 1, UINT64_MAX, UINT64_MAX},
    };
    std::size_t number = 0;
    for (const auto& header : lies) {
        BOOST_TEST_INFO_SCOPE("lie " << number++);
        test::part other_ring{channel::request_ring_bytes};
        channel::control other{};
        other_ring.put(0, header);
        other.request_head = 128;
        channel::request_reader other_reader(other, other_ring.view(), view);
        BOOST_TEST(!other_reader.front(seen));
    }
}

BOOST_AUTO_TEST_CASE(a_head_that_makes_no_sense_is_refused) {
    for (const std::uint64_t nonsense : {std::uint64_t{7}, channel::request_ring_bytes + 64, UINT64_MAX}) {
        channel::control other{};
        other.request_head = nonsense;
        channel::request_reader other_reader(other, ring.view(), view);
        BOOST_TEST(!other_reader.front(seen));
    }
}

BOOST_AUTO_TEST_CASE(whatever_is_scribbled_over_the_ring_nothing_outside_is_shown) {
    test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    const std::span<const std::byte> located = view.bytes(0, arguments.memory().size());
    std::size_t frames = 0;
    for (int round = 0; round != 2000; ++round) {
        test::part other_ring{4096};
        channel::control other{};
        for (std::size_t at = 0; at != 4096; at += channel::cache_line) {
            const auto most = request_header::max_payload_bytes;
            const auto location = random.once_in(5) ? random.once_in(2) ? random.number() & most
                                                                        : random.below(located.size() + 100)
                                                    : 0;
            const auto bytes = random.once_in(10) ? random.number() & most : random.below(300);
            auto header = request_header::of(1, 0, 1, bytes, location, random.below(100));
            if (random.once_in(10))
                header.items = channel::wrap_mark;
            other_ring.put(at, header);
        }
        other.request_head = random.once_in(8) ? random.number() : random.below(65) * channel::cache_line;
        channel::request_reader other_reader(other, other_ring.view(), view);
        while (!other_reader.empty() && other_reader.front(seen)) {
            BOOST_TEST_REQUIRE(++frames != 0u);
            for (const auto part : {seen.function, seen.arguments})
                BOOST_TEST_REQUIRE(
                    (part.empty() || test::lies_in(part, other_ring.view()) || test::lies_in(part, located)));
            other_reader.pop();
        }
    }
    BOOST_TEST(frames > 500u);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/requests.hpp"

#include "support/channel_parts.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <vector>

namespace channel = procpool::channel;
using channel::item_range;
using procpool::test::pattern;
using procpool::test::same_bytes;
using bytes = std::vector<std::byte>;

namespace {

constexpr std::size_t ring_bytes = 8192;

struct request_ring {
    channel::control control{};
    procpool::test::part ring{ring_bytes};
    channel::request_writer writer{control, ring.view()};
    channel::ring_reader reader{ring.view().data(), ring_bytes, control.request_head, control.request_tail};

    struct seen_frame {
        channel::request_header header{};
        std::span<const std::byte> payload;
    };
    seen_frame front() {
        const auto front = reader.front();
        seen_frame seen;
        BOOST_TEST_REQUIRE(front.size() >= sizeof seen.header);
        std::memcpy(&seen.header, front.data(), sizeof seen.header);
        if (seen.header.location() == 0)
            seen.payload = front.subspan(sizeof seen.header, seen.header.bytes());
        return seen;
    }
    /// Passes the frame at the front, as the worker.
    void pass(std::size_t payload) {
        reader.pop(sizeof(channel::request_header) + payload);
        reader.release();
        control.frames_passed.fetch_add(1);
    }
    bool write(std::size_t payload, std::uint32_t items = 1) {
        return writer.write(1, items, {}, pattern(payload, 1));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(request_writer, request_ring)

BOOST_AUTO_TEST_CASE(a_frame_says_what_is_in_it) {
    const auto function = pattern(32, 1);
    const auto arguments = pattern(101, 2);
    BOOST_TEST(writer.write(7, 3, function, arguments));
    const auto seen = front();
    BOOST_TEST(seen.header.task == 7u);
    BOOST_TEST(seen.header.items == 3u);
    BOOST_TEST(seen.header.bytes() == 133u);
    BOOST_TEST(seen.header.location() == 0u);
    BOOST_TEST(seen.header.items_offset() == 32u);
    BOOST_TEST(same_bytes(seen.payload.first(32), function));
    BOOST_TEST(same_bytes(seen.payload.subspan(32), arguments));
}

BOOST_AUTO_TEST_CASE(a_frame_without_bytes_is_a_frame) {
    BOOST_TEST(writer.write(7, 3, {}, {}));
    BOOST_TEST(front().payload.empty());
    BOOST_TEST(front().header.items == 3u);
}

BOOST_AUTO_TEST_CASE(a_payload_is_aligned_for_any_type) {
    for (int i = 0; i != 50; ++i) {
        const auto size = static_cast<std::size_t>(i * 41);
        BOOST_TEST_REQUIRE(write(size));
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(front().payload.data()) % 16 == 0u);
        pass(size);
    }
}

BOOST_AUTO_TEST_CASE(a_located_frame_carries_only_where_its_payload_is) {
    BOOST_TEST(writer.write_located(7, 3, 65536, 1'000'000, 48));
    const auto seen = front();
    BOOST_TEST(seen.header.location() == 65536u);
    BOOST_TEST(seen.header.bytes() == 1'000'000u);
    BOOST_TEST(seen.header.items_offset() == 48u);
    BOOST_TEST(control.request_head == channel::cache_line);
}

BOOST_AUTO_TEST_CASE(a_located_frame_may_begin_with_an_item_that_lies_beyond_4_gib) {
    constexpr auto most = channel::request_header::max_payload_bytes;
    constexpr std::uint64_t beyond = (std::uint64_t{5} << 30) + 12;
    for (const auto [location, bytes, offset] :
         {std::array{std::uint64_t{65536}, 2 * beyond, beyond}, std::array{most, most, most}}) {
        BOOST_TEST(writer.write_located(7, 3, location, bytes, offset, 0xffff'fffe));
        const auto seen = front();
        BOOST_TEST(seen.header.location() == location);
        BOOST_TEST(seen.header.bytes() == bytes);
        BOOST_TEST(seen.header.items_offset() == offset);
        BOOST_TEST(seen.header.number == 0xffff'fffe);
        pass(0);
    }
}

BOOST_AUTO_TEST_CASE(frames_are_numbered_in_the_order_of_writing) {
    BOOST_TEST(writer.next_sequence() == 0u);
    write(1);
    BOOST_TEST(writer.next_sequence() == 1u);
    writer.write_located(1, 1, 65536, 1, 0);
    BOOST_TEST(writer.next_sequence() == 2u);
}

BOOST_AUTO_TEST_CASE(a_written_frame_offers_all_its_items) {
    write(10, 6);
    BOOST_TEST(writer.claimed(0).next == 0u);
    BOOST_TEST(writer.claimed(0).end == 6u);
    BOOST_TEST((channel::claim(control.claims[channel::claim_index(0)], 100) == item_range{0, 6}));
    BOOST_TEST(writer.claimed(0).next == 6u);
}

BOOST_AUTO_TEST_CASE(what_is_taken_back_is_of_the_frame_that_was_named) {
    write(10, 6);
    write(10, 4);
    BOOST_TEST((writer.take_back(1, 3, 4) == item_range{1, 4}));
    BOOST_TEST((writer.take_back(0, 100, 6) == item_range{0, 6}));
    BOOST_TEST(writer.claimed(1).end == 1u);
}

BOOST_AUTO_TEST_CASE(a_full_ring_refuses_frames_until_the_worker_passes_some) {
    std::size_t written = 0;
    while (write(1000))
        ++written;
    BOOST_TEST(written == ring_bytes / 1088); // 32 + 1000, in cache lines
    const auto sequence = writer.next_sequence();
    BOOST_TEST(!write(1000));
    BOOST_TEST(writer.next_sequence() == sequence);
    pass(1000);
    pass(1000);
    BOOST_TEST(write(1000));
}

BOOST_AUTO_TEST_CASE(there_are_no_more_frames_than_claim_words) {
    procpool::test::part large{channel::request_ring_bytes};
    channel::control other{};
    channel::request_writer many(other, large.view());
    for (std::uint32_t i = 0; i != channel::frame_slots; ++i)
        BOOST_TEST_REQUIRE(many.write(1, 2, {}, {}));
    BOOST_TEST(!many.write(1, 9, {}, {}));
    BOOST_TEST(!many.write_located(1, 9, 65536, 1, 0));
    BOOST_TEST(many.claimed(0).end == 2u); // a refused frame leaves the words of others alone
    other.frames_passed = 1;
    other.request_tail = channel::cache_line;
    BOOST_TEST(many.write(1, 9, {}, {}));
    BOOST_TEST(many.claimed(channel::frame_slots).end == 9u);
    BOOST_TEST(!many.write(1, 9, {}, {}));
}

BOOST_AUTO_TEST_CASE(frames_are_counted_on_over_the_end_of_their_numbers) {
    for (const std::uint64_t last : {std::uint64_t{0xffff'ffff}, UINT64_MAX}) {
        procpool::test::part large{channel::request_ring_bytes};
        channel::control other{};
        const auto first = last - channel::frame_slots / 2;
        other.frames_passed = first;
        channel::request_writer many(other, large.view(), first);
        for (std::uint32_t i = 0; i != channel::frame_slots; ++i)
            BOOST_TEST_REQUIRE(many.write(1, i + 1, {}, {}));
        BOOST_TEST(!many.write(1, 9, {}, {}));
        BOOST_TEST(many.next_sequence() == first + channel::frame_slots);
        for (std::uint32_t i = 0; i != channel::frame_slots; ++i)
            BOOST_TEST_REQUIRE(many.claimed(first + i).end == i + 1);
        other.frames_passed = first + channel::frame_slots;
        other.request_tail = other.request_head.load();
        BOOST_TEST(many.write(1, 9, {}, {}));
        BOOST_TEST(!many.damaged());
    }
}

BOOST_AUTO_TEST_CASE(a_frame_that_the_ring_refuses_leaves_its_claim_word_alone) {
    while (write(1000))
        ;
    auto& word = control.claims[channel::claim_index(writer.next_sequence())];
    word = channel::pack({3, 5});
    BOOST_TEST(!write(1000));
    BOOST_TEST(word.load() == channel::pack({3, 5}));
}

BOOST_AUTO_TEST_CASE(frames_of_any_size_keep_their_order_and_bytes) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    std::deque<bytes> model;
    std::uint64_t read = 0;
    for (int i = 0; i != 30'000; ++i) {
        if (random.once_in(2)) {
            auto payload = pattern(random.below(2000), random.number());
            const auto split = payload.size() / 32 * 16;
            const std::span<const std::byte> whole(payload);
            const auto sequence = static_cast<std::uint32_t>(writer.next_sequence());
            if (writer.write(sequence, sequence + 1, whole.first(split), whole.subspan(split)))
                model.push_back(std::move(payload));
            else
                BOOST_TEST_REQUIRE(!model.empty());
        } else if (model.empty()) {
            BOOST_TEST_REQUIRE(reader.empty());
        } else {
            const auto seen = front();
            BOOST_TEST_REQUIRE(seen.header.task == read);
            BOOST_TEST_REQUIRE(seen.header.items == read + 1);
            BOOST_TEST_REQUIRE(same_bytes(seen.payload, model.front()));
            pass(model.front().size());
            model.pop_front();
            ++read;
        }
    }
    BOOST_TEST(read > channel::frame_slots);
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/ring.hpp"

#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

namespace channel = procpool::channel;
using bytes = std::vector<std::byte>;

namespace {

constexpr std::uint64_t ring_bytes = 1024;

struct small_ring {
    alignas(channel::cache_line) std::array<std::byte, ring_bytes> memory{};
    std::atomic<std::uint64_t> head{0};
    std::atomic<std::uint64_t> tail{0};
    channel::ring_writer writer{memory.data(), ring_bytes, head, tail};
    channel::ring_reader reader{memory.data(), ring_bytes, head, tail};

    /// Writes an entry whose every byte is `value`; false if there is no room.
    bool write(std::size_t size, int value) {
        const auto room = writer.reserve(size, size);
        if (room.empty())
            return false;
        std::memset(room.data(), value, size);
        writer.publish(size);
        return true;
    }
    /// Reads an entry of this size and value.
    bool read(std::size_t size, int value) {
        const auto front = reader.front();
        if (front.size() < size)
            return false;
        const bytes wanted(size, static_cast<std::byte>(value));
        const bool equal = std::memcmp(front.data(), wanted.data(), size) == 0;
        reader.pop(size);
        return equal;
    }
};

bool inside(const small_ring& ring, std::span<const std::byte> what) {
    return what.data() >= ring.memory.data() &&
           what.data() + what.size() <= ring.memory.data() + ring.memory.size();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(ring, small_ring)

BOOST_AUTO_TEST_CASE(positions_count_on_over_their_end) {
    const auto start = UINT64_MAX - ring_bytes + 1;
    head = tail = start;
    writer = channel::ring_writer(memory.data(), ring_bytes, head, tail, start);
    reader = channel::ring_reader(memory.data(), ring_bytes, head, tail, start);
    for (int round = 0; round != 40; ++round) {
        BOOST_TEST_REQUIRE(write(300, round));
        BOOST_TEST_REQUIRE(write(200, round + 1));
        BOOST_TEST_REQUIRE(!write(500, 0)); // no more than there is
        BOOST_TEST_REQUIRE(read(300, round));
        BOOST_TEST_REQUIRE(read(200, round + 1));
        BOOST_TEST_REQUIRE(reader.empty());
        reader.release();
    }
    BOOST_TEST(!writer.damaged());
    BOOST_TEST(!reader.damaged());
    BOOST_TEST(head < start);
}

BOOST_AUTO_TEST_CASE(a_new_ring_is_empty) {
    BOOST_TEST(reader.empty());
    BOOST_TEST(reader.front().empty());
    BOOST_TEST(!reader.damaged());
}

BOOST_AUTO_TEST_CASE(an_entry_is_invisible_until_it_is_published) {
    writer.reserve(10, 10);
    BOOST_TEST(reader.empty());
    writer.publish(10);
    BOOST_TEST(!reader.empty());
}

BOOST_AUTO_TEST_CASE(entries_start_on_cache_lines) {
    BOOST_TEST(channel::entry_size(1) == channel::cache_line);
    BOOST_TEST(channel::entry_size(64) == channel::cache_line);
    BOOST_TEST(channel::entry_size(65) == 2 * channel::cache_line);
    BOOST_TEST(write(1, 1));
    BOOST_TEST(write(65, 2));
    BOOST_TEST(writer.position() == 3 * channel::cache_line);
    BOOST_TEST(read(1, 1));
    BOOST_TEST(read(65, 2));
    BOOST_TEST(reader.position() == 3 * channel::cache_line);
}

BOOST_AUTO_TEST_CASE(a_reservation_has_what_is_asked_for_and_no_more_than_that) {
    BOOST_TEST(writer.reserve(100, 300).size() == channel::entry_size(300));
    BOOST_TEST(writer.reserve(100, 5000).size() == ring_bytes);
}

BOOST_AUTO_TEST_CASE(a_reservation_is_given_up_by_reserving_again) {
    writer.reserve(64, 64);
    writer.reserve(128, 128);
    BOOST_TEST(write(70, 3));
    BOOST_TEST(read(70, 3));
    BOOST_TEST(reader.empty());
}

BOOST_AUTO_TEST_CASE(less_may_be_published_than_was_reserved) {
    const auto room = writer.reserve(100, 512);
    std::memset(room.data(), 7, 20);
    writer.publish(20);
    BOOST_TEST(write(20, 8));
    BOOST_TEST(read(20, 7));
    BOOST_TEST(read(20, 8));
}

BOOST_AUTO_TEST_CASE(a_full_ring_has_no_room_until_something_is_released) {
    for (int i = 0; i != 4; ++i)
        BOOST_TEST(write(256, i));
    BOOST_TEST(!write(1, 9));
    BOOST_TEST(read(256, 0));
    BOOST_TEST(!write(1, 9)); // popped, but its bytes are still in use
    reader.release();
    BOOST_TEST(write(256, 4));
    for (int i = 1; i != 5; ++i)
        BOOST_TEST(read(256, i));
}

BOOST_AUTO_TEST_CASE(an_entry_that_would_not_fit_before_the_end_goes_to_the_start) {
    BOOST_TEST(write(700, 1));
    BOOST_TEST(read(700, 1));
    reader.release();
    BOOST_TEST(write(400, 2)); // 320 bytes are left before the end
    BOOST_TEST(inside(*this, reader.front()));
    BOOST_TEST(reader.front().data() == memory.data());
    BOOST_TEST(read(400, 2));
    BOOST_TEST(reader.empty());
}

BOOST_AUTO_TEST_CASE(the_bytes_that_a_wrap_skips_count_as_used) {
    BOOST_TEST(write(700, 1));
    BOOST_TEST(read(700, 1));
    reader.release();
    BOOST_TEST(write(400, 2));
    BOOST_TEST(!write(300, 3)); // 1024 - 320 - 448 = 256
    BOOST_TEST(write(256, 4));
    BOOST_TEST(!write(1, 5));
    BOOST_TEST(read(400, 2));
    BOOST_TEST(read(256, 4));
}

BOOST_AUTO_TEST_CASE(an_entry_may_end_where_the_ring_ends) {
    BOOST_TEST(write(512, 1));
    BOOST_TEST(write(512, 2));
    BOOST_TEST(read(512, 1));
    BOOST_TEST(read(512, 2));
    reader.release();
    BOOST_TEST(write(512, 3));
    BOOST_TEST(reader.front().data() == memory.data());
    BOOST_TEST(read(512, 3));
}

BOOST_AUTO_TEST_CASE(an_empty_ring_has_room_for_half_of_it_wherever_it_stands) {
    for (int i = 0; i != 1000; ++i) {
        const auto size = static_cast<std::size_t>(1 + i * 37 % 512);
        BOOST_TEST_REQUIRE(write(size, i & 0x7f));
        BOOST_TEST_REQUIRE(read(size, i & 0x7f));
        reader.release();
        BOOST_TEST_REQUIRE(!writer.reserve(ring_bytes / 2, ring_bytes / 2).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_first_word_like_the_wrap_mark_is_an_entry_at_the_start_of_the_ring) {
    BOOST_TEST(write(100, 0xff));
    BOOST_TEST(read(100, 0xff));
}

BOOST_AUTO_TEST_CASE(a_position_shows_what_lies_there_unpublished) {
    const auto room = writer.reserve(64, 64);
    std::memset(room.data(), 5, 64);
    const auto seen = reader.at(writer.position());
    BOOST_TEST(seen.data() == room.data());
    BOOST_TEST(seen.size() == ring_bytes);
}

BOOST_AUTO_TEST_CASE(a_head_that_makes_no_sense_is_damage_and_shows_no_bytes) {
    for (const std::uint64_t nonsense : {std::uint64_t{1}, std::uint64_t{63}, ring_bytes + 64, UINT64_MAX,
                                         UINT64_MAX - 63, std::uint64_t{1} << 63}) {
        small_ring other;
        other.head = nonsense;
        BOOST_TEST(other.reader.front().empty());
        BOOST_TEST(other.reader.damaged());
    }
}

BOOST_AUTO_TEST_CASE(a_head_that_goes_back_is_damage) {
    BOOST_TEST(write(256, 1));
    BOOST_TEST(read(256, 1));
    head = 64;
    BOOST_TEST(reader.front().empty());
    BOOST_TEST(reader.damaged());
}

BOOST_AUTO_TEST_CASE(a_wrap_with_nothing_behind_it_is_damage) {
    BOOST_TEST(write(256, 1));
    BOOST_TEST(read(256, 1));
    std::memset(memory.data() + 256, 0xff, 4);
    head = 512;
    BOOST_TEST(reader.front().empty());
    BOOST_TEST(reader.damaged());
}

BOOST_AUTO_TEST_CASE(a_writer_stays_in_the_ring_whatever_the_tail_says) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int i = 0; i != 20'000; ++i) {
        tail = random.once_in(2) ? random.number() : writer.position() + random.below(4096) - 2048;
        const auto least = random.between(1, ring_bytes / 2);
        const auto room = writer.reserve(least, random.once_in(2) ? least : 100'000);
        if (room.empty()) // and lies nowhere
            continue;
        BOOST_TEST_REQUIRE(inside(*this, room));
        writer.publish(least);
    }
}

BOOST_AUTO_TEST_CASE(any_mix_of_writing_and_reading_keeps_order_and_bytes) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    std::deque<bytes> model; // published and not popped
    bool released = true;
    for (int i = 0; i != 200'000; ++i) {
        if (random.once_in(2)) {
            const auto most = random.between(4, ring_bytes / 2);
            const auto used = random.between(4, most);
            const auto room = writer.reserve(most, most);
            BOOST_TEST_REQUIRE((!room.empty() || !model.empty() || !released));
            if (room.empty())
                continue;
            BOOST_TEST_REQUIRE(inside(*this, room));
            BOOST_TEST_REQUIRE(room.size() >= most);
            bytes entry(used, static_cast<std::byte>(i));
            const auto size = static_cast<std::uint32_t>(used);
            std::memcpy(entry.data(), &size, sizeof size);
            std::memcpy(room.data(), entry.data(), entry.size());
            writer.publish(used);
            model.push_back(std::move(entry));
        } else {
            BOOST_TEST_REQUIRE(reader.empty() == model.empty());
            const auto front = reader.front();
            BOOST_TEST_REQUIRE(front.empty() == model.empty());
            if (!model.empty()) {
                BOOST_TEST_REQUIRE(inside(*this, front));
                BOOST_TEST_REQUIRE(front.size() >= model.front().size());
                BOOST_TEST_REQUIRE(std::memcmp(front.data(), model.front().data(), model.front().size()) ==
                                   0);
                reader.pop(model.front().size());
                model.pop_front();
                released = false;
            }
            if (random.once_in(3)) {
                reader.release();
                released = true;
            }
        }
        BOOST_TEST_REQUIRE(!reader.damaged());
    }
}

BOOST_AUTO_TEST_SUITE_END()

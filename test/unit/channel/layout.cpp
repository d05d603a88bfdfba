// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/layout.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace channel = procpool::channel;

BOOST_AUTO_TEST_SUITE(layout)

BOOST_AUTO_TEST_CASE(frames_that_may_be_open_together_have_claim_words_of_their_own) {
    std::array<bool, channel::frame_slots> taken{};
    for (std::uint64_t sequence = 5000; sequence != 5000 + channel::frame_slots; ++sequence) {
        const auto index = channel::claim_index(sequence);
        BOOST_TEST_REQUIRE(index < channel::frame_slots);
        BOOST_TEST_REQUIRE(!taken[index]);
        taken[index] = true;
    }
}

BOOST_AUTO_TEST_CASE(a_claim_word_is_used_again_after_as_many_frames_as_there_are_words) {
    BOOST_TEST(channel::claim_index(7) == channel::claim_index(7 + channel::frame_slots));
    BOOST_TEST(channel::claim_index(UINT64_MAX) == channel::claim_index(channel::frame_slots - 1));
}

BOOST_AUTO_TEST_CASE(claim_words_of_consecutive_frames_do_not_share_a_cache_line) {
    constexpr std::uint32_t words_per_line = channel::cache_line / sizeof(std::uint64_t);
    for (std::uint64_t sequence = 0; sequence != 2 * channel::frame_slots; ++sequence)
        BOOST_TEST_REQUIRE(channel::claim_index(sequence) / words_per_line !=
                           channel::claim_index(sequence + 1) / words_per_line);
}

BOOST_AUTO_TEST_CASE(words_of_different_writers_do_not_share_a_cache_line) {
    using channel::control;
    constexpr std::array offsets{
        offsetof(control, request_head), offsetof(control, response_tail), offsetof(control, goodbye),
        offsetof(control, request_tail), offsetof(control, response_head), offsetof(control, building),
        offsetof(control, given_back),   offsetof(control, worker_asleep), offsetof(control, parent_asleep),
        offsetof(control, claims),       offsetof(control, released)};
    for (std::size_t i = 0; i != offsets.size(); ++i)
        for (std::size_t j = 0; j != i; ++j)
            BOOST_TEST(offsets[i] / channel::cache_line != offsets[j] / channel::cache_line);
}

BOOST_AUTO_TEST_CASE(no_item_has_the_name_that_means_none) {
    for (const std::uint64_t sequence : {0ull, 0x7fff'ffffull, 0x8000'0000ull, 0xffff'ffffull, ~0ull})
        BOOST_TEST(channel::item_id(sequence, 0) != 0u);
}

BOOST_AUTO_TEST_CASE(items_and_their_frame_have_different_names) {
    for (const std::uint32_t item : {0u, 1u, 0xffff'fffeu}) {
        const auto id = channel::item_id(7, item);
        BOOST_TEST(id != channel::frame_id(7));
        BOOST_TEST(channel::frame_of(id) == channel::frame_id(7));
        BOOST_TEST(channel::item_of(id) == item);
        BOOST_TEST(channel::with_item(channel::frame_id(7), item) == id);
    }
}

BOOST_AUTO_TEST_CASE(which_of_two_names_is_of_a_later_frame_is_known_across_the_end_of_their_numbers) {
    for (const std::uint64_t sequence : {7ull, 0x7fff'ffffull, 0xffff'ffffull, ~0ull}) {
        BOOST_TEST(channel::is_not_later(channel::item_id(sequence, 9), channel::frame_id(sequence)));
        BOOST_TEST(channel::is_not_later(channel::item_id(sequence, 9), channel::frame_id(sequence + 1)));
        BOOST_TEST(!channel::is_not_later(channel::item_id(sequence + 1, 9), channel::frame_id(sequence)));
    }
}

BOOST_AUTO_TEST_SUITE_END()

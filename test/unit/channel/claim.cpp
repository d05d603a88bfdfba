// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/claim.hpp"

#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace channel = procpool::channel;
using channel::item_range;

namespace {

std::atomic<std::uint64_t> open(std::uint32_t items) {
    return std::atomic<std::uint64_t>(channel::pack({0, items}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(claim)

BOOST_AUTO_TEST_CASE(a_word_keeps_both_its_halves) {
    const auto state = channel::unpack(channel::pack({0xfedc'ba98, 0x7654'3210}));
    BOOST_TEST(state.next == 0xfedc'ba98);
    BOOST_TEST(state.end == 0x7654'3210u);
}

BOOST_AUTO_TEST_CASE(an_opened_word_offers_every_item) {
    std::atomic<std::uint64_t> word{channel::pack({17, 30})};
    channel::open_claim(word, 5);
    BOOST_TEST((channel::claim(word, 100) == item_range{0, 5}));
}

BOOST_AUTO_TEST_CASE(the_worker_claims_from_the_front_in_order) {
    auto word = open(5);
    BOOST_TEST((channel::claim(word, 1) == item_range{0, 1}));
    BOOST_TEST((channel::claim(word, 3) == item_range{1, 4}));
    BOOST_TEST((channel::claim(word, 3) == item_range{4, 5}));
    BOOST_TEST(channel::claim(word, 3).empty());
}

BOOST_AUTO_TEST_CASE(the_parent_takes_back_from_the_back) {
    auto word = open(5);
    BOOST_TEST((channel::take_back(word, 2, 5) == item_range{3, 5}));
    BOOST_TEST((channel::take_back(word, 2, 3) == item_range{1, 3}));
    BOOST_TEST((channel::take_back(word, 2, 1) == item_range{0, 1}));
    BOOST_TEST(channel::take_back(word, 2, 0).empty());
}

BOOST_AUTO_TEST_CASE(what_was_taken_back_cannot_be_claimed) {
    auto word = open(4);
    BOOST_TEST(channel::take_back(word, 4, 4).size() == 4u);
    BOOST_TEST(channel::claim(word, 1).empty());
}

BOOST_AUTO_TEST_CASE(what_was_claimed_cannot_be_taken_back) {
    auto word = open(4);
    BOOST_TEST(channel::claim(word, 3).size() == 3u);
    BOOST_TEST((channel::take_back(word, 4, 4) == item_range{3, 4}));
    BOOST_TEST(channel::take_back(word, 4, 3).empty());
}

BOOST_AUTO_TEST_CASE(nothing_asked_for_is_nothing_got) {
    auto word = open(4);
    BOOST_TEST(channel::claim(word, 0).empty());
    BOOST_TEST(channel::take_back(word, 0, 4).empty());
    BOOST_TEST(channel::claim(word, 4).size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_largest_frame_is_claimed_without_overflow) {
    auto word = open(UINT32_MAX);
    BOOST_TEST((channel::claim(word, UINT32_MAX - 1) == item_range{0, UINT32_MAX - 1}));
    BOOST_TEST((channel::claim(word, UINT32_MAX) == item_range{UINT32_MAX - 1, UINT32_MAX}));
    BOOST_TEST(channel::take_back(word, UINT32_MAX, UINT32_MAX).empty());
}

BOOST_AUTO_TEST_CASE(a_scribbled_word_takes_nothing_back_and_stays_as_it_is) {
    for (const channel::claim_state state :
         {channel::claim_state{2, 5}, channel::claim_state{2, 3}, channel::claim_state{9, 3},
          channel::claim_state{UINT32_MAX, UINT32_MAX}, channel::claim_state{1, 4},
          channel::claim_state{0, 1}}) {
        std::atomic<std::uint64_t> word{channel::pack(state)};
        BOOST_TEST(channel::take_back(word, 100, 4, 2).empty()); // of four, two have an outcome
        BOOST_TEST(word.load() == channel::pack(state));
    }
}

BOOST_AUTO_TEST_CASE(every_item_goes_to_one_side_in_any_order_of_claiming) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != 2000; ++round) {
        const auto items = static_cast<std::uint32_t>(random.between(1, 40));
        auto word = open(items);
        std::vector<int> owners(items);
        std::uint32_t claimed = 0;
        std::uint32_t end = items;
        while (claimed != end) {
            const auto wanted = static_cast<std::uint32_t>(random.between(1, 5));
            const bool claims = random.once_in(2);
            const auto got = claims
                                 ? channel::claim(word, wanted)
                                 : channel::take_back(word, wanted, end,
                                                      static_cast<std::uint32_t>(random.below(claimed + 1)));
            BOOST_TEST_REQUIRE(got.size() == std::min(wanted, end - claimed));
            for (auto item = got.first; item != got.last; ++item)
                ++owners[item];
            (claims ? claimed : end) = claims ? got.last : got.first;
        }
        BOOST_TEST_REQUIRE(owners == std::vector<int>(items, 1), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(what_is_given_back_can_be_claimed_or_taken_back_again) {
    std::atomic<std::uint64_t> word{0};
    channel::open_claim(word, 10);
    channel::claim(word, 8);
    BOOST_TEST(channel::unclaim(word, 3, 8));
    BOOST_TEST((channel::claim(word, 1) == channel::item_range{3, 4}));
    BOOST_TEST((channel::take_back(word, 100, 10) == channel::item_range{4, 10}));
    BOOST_TEST(!channel::anything_to_claim(word));
}

BOOST_AUTO_TEST_CASE(items_behind_which_others_were_claimed_are_not_given_back) {
    std::atomic<std::uint64_t> word{0};
    channel::open_claim(word, 10);
    channel::claim(word, 8);
    BOOST_TEST(!channel::unclaim(word, 3, 7));
    BOOST_TEST((channel::claim(word, 1) == channel::item_range{8, 9}));
}

BOOST_AUTO_TEST_SUITE_END()

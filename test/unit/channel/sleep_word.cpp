// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/sleep.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdint>

namespace channel = procpool::channel;
using channel::sleep;

namespace {

struct word_of_sleeper {
    std::atomic<std::uint32_t> word{static_cast<std::uint32_t>(sleep::awake)};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sleep_word, word_of_sleeper)

BOOST_AUTO_TEST_CASE(who_is_awake_need_not_be_woken) {
    BOOST_TEST((channel::wake_needed(word) == sleep::awake));
}

BOOST_AUTO_TEST_CASE(a_sleeper_is_woken_the_way_it_sleeps) {
    for (const auto how : {sleep::on_doorbell, sleep::as_collector}) {
        channel::going_to_sleep(word, how);
        BOOST_TEST((channel::wake_needed(word) == how));
    }
}

BOOST_AUTO_TEST_CASE(one_sleep_costs_one_ring) {
    channel::going_to_sleep(word, sleep::on_doorbell);
    channel::wake_needed(word);
    BOOST_TEST((channel::wake_needed(word) == sleep::awake));
}

BOOST_AUTO_TEST_CASE(who_woke_up_alone_need_not_be_woken) {
    channel::going_to_sleep(word, sleep::on_doorbell);
    channel::woke_up(word);
    BOOST_TEST((channel::wake_needed(word) == sleep::awake));
}

BOOST_AUTO_TEST_CASE(who_sleeps_again_is_woken_again) {
    channel::going_to_sleep(word, sleep::on_doorbell);
    channel::wake_needed(word);
    channel::going_to_sleep(word, sleep::as_collector);
    BOOST_TEST((channel::wake_needed(word) == sleep::as_collector));
}

BOOST_AUTO_TEST_CASE(who_left_nonsense_in_the_word_is_woken_once) {
    for (const auto nonsense : {0U, 1U, 0xffff'ffffU}) {
        word = nonsense;
        BOOST_TEST((channel::wake_needed(word) != sleep::awake));
        BOOST_TEST((channel::wake_needed(word) == sleep::awake));
    }
}

BOOST_AUTO_TEST_SUITE_END()

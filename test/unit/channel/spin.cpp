// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/sleep.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

namespace channel = procpool::channel;

namespace {

/// How many turns an unsuccessful wait takes before it yields the CPU and checks a last time.
std::uint32_t looks_in_vain(channel::spin_budget& budget) {
    std::uint32_t looks = 0;
    BOOST_TEST(!budget.spin([&] {
        ++looks;
        return false;
    }));
    return looks - 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(spin)

BOOST_AUTO_TEST_CASE(what_is_ready_at_once_takes_one_look) {
    channel::spin_budget budget(320);
    std::uint32_t looks = 0;
    BOOST_TEST(budget.spin([&] {
        ++looks;
        return true;
    }));
    BOOST_TEST(looks == 1u);
}

BOOST_AUTO_TEST_CASE(what_gets_ready_within_the_budget_is_caught) {
    channel::spin_budget budget(320);
    std::uint32_t looks = 0;
    BOOST_TEST(budget.spin([&] { return ++looks == 320; }));
}

BOOST_AUTO_TEST_CASE(what_is_there_when_the_cpu_was_given_away_is_caught_but_restores_nothing) {
    channel::spin_budget budget(320);
    std::uint32_t looks = 0;
    BOOST_TEST(budget.spin([&] { return ++looks == 321; }));
    BOOST_TEST(looks_in_vain(budget) == 160u);
}

BOOST_AUTO_TEST_CASE(every_miss_halves_the_budget_down_to_a_little) {
    channel::spin_budget budget(320);
    for (const std::uint32_t wanted : {320u, 160u, 80u, 40u, 20u, 10u, 10u})
        BOOST_TEST(looks_in_vain(budget) == wanted);
}

BOOST_AUTO_TEST_CASE(a_catch_restores_the_budget) {
    channel::spin_budget budget(320);
    looks_in_vain(budget);
    looks_in_vain(budget);
    budget.spin([] { return true; });
    BOOST_TEST(looks_in_vain(budget) == 320u);
}

BOOST_AUTO_TEST_CASE(every_sixteenth_wait_tries_the_whole_budget) {
    channel::spin_budget budget(320);
    for (int i = 1; i != 16; ++i)
        looks_in_vain(budget);
    BOOST_TEST(looks_in_vain(budget) == 320u);
    BOOST_TEST(looks_in_vain(budget) == 10u);
}

BOOST_AUTO_TEST_CASE(without_a_budget_it_only_gives_the_cpu_away) {
    channel::spin_budget budget(0);
    for (int i = 0; i != 40; ++i)
        BOOST_TEST(looks_in_vain(budget) == 0u);
}

BOOST_AUTO_TEST_CASE(a_parent_spins_less_where_that_keeps_workers_from_their_work) {
    BOOST_TEST(channel::max_parent_spin_turns(1, 2) == channel::max_worker_spin_turns(2));
    BOOST_TEST(channel::max_parent_spin_turns(2, 2) < channel::max_worker_spin_turns(2));
    BOOST_TEST(channel::max_parent_spin_turns(2, 2) > 0u);
    BOOST_TEST(channel::max_parent_spin_turns(16, 2) == channel::max_parent_spin_turns(2, 2));
}

BOOST_AUTO_TEST_CASE(nobody_spins_with_a_single_cpu) {
    BOOST_TEST(channel::max_worker_spin_turns(1) == 0u);
    BOOST_TEST(channel::max_parent_spin_turns(1, 1) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

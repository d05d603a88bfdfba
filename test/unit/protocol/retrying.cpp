// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"
#include "support/retrying_model.hpp"
#include "support/retrying_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

// Items that are run again: see support/retrying_model.hpp.

namespace {

using procpool::test::retrying_model;
using mistake = retrying_model::mistake;

std::string fault_of(const retrying_model& model) {
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

/// Whether the walk through `model` with a mistake ends with a text that begins with `fault`.
bool ends(retrying_model model, mistake wrong, const char* fault) {
    model.wrong = wrong;
    return fault_of(model).rfind(fault, 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_retrying)

BOOST_AUTO_TEST_CASE(each_item_has_one_outcome_and_no_more_tries_than_permitted) {
    BOOST_TEST(fault_of({.items = 2, .workers = 1, .dies = true}) == "");
    BOOST_TEST(fault_of({.items = 1, .workers = 2, .retries = 2, .dies = true}) == "");
}

BOOST_AUTO_TEST_CASE(there_is_room_for_each_piece_that_comes_back) {
    BOOST_TEST(fault_of({.items = 3, .workers = 1}) == "");
}

BOOST_AUTO_TEST_CASE(an_allocation_that_fails_costs_no_try_and_no_item) {
    BOOST_TEST(fault_of({.items = 2, .workers = 1, .dies = true, .memory_fails = true}) == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_tried_again_that_is_cancelled) {
    BOOST_TEST(fault_of({.items = 2, .workers = 1, .cancels = true}) == "");
    BOOST_TEST(fault_of({.items = 2, .workers = 1, .dies = true, .cancels = true}) == "");
    BOOST_TEST(fault_of({.items = 1, .workers = 2, .cancels = true}) == "");
}

BOOST_AUTO_TEST_CASE(two_tries_at_once_are_found_out) {
    BOOST_TEST(ends({.workers = 2}, mistake::tries_again_at_once, "an item runs at two workers"));
}

BOOST_AUTO_TEST_CASE(an_outcome_that_counts_though_it_is_late_is_found_out) {
    BOOST_TEST(ends({}, mistake::asks_without_noting, "what was cut short counts"));
}

BOOST_AUTO_TEST_CASE(what_is_kept_of_a_dead_worker_is_found_out) {
    BOOST_TEST(ends({.dies = true}, mistake::keeps_what_timed_out, "a result is thrown away"));
    BOOST_TEST(ends({.dies = true}, mistake::keeps_a_stop_of_the_dead, "a try is asked to stop that is not"));
    BOOST_TEST(
        ends({.dies = true}, mistake::keeps_a_kill_of_the_dead, "a worker is killed that has nothing"));
}

BOOST_AUTO_TEST_CASE(tries_that_are_not_counted_or_counted_twice_are_found_out) {
    BOOST_TEST(ends({.dies = true}, mistake::counts_no_try_of_the_lost, "an item is tried too often"));
    BOOST_TEST(ends({.dies = true, .memory_fails = true}, mistake::settles_before_it_has_room,
                    "an item fails that may be tried again"));
}

BOOST_AUTO_TEST_CASE(a_late_item_for_which_there_is_no_room_is_found_out) {
    BOOST_TEST(
        ends({.items = 3}, mistake::makes_no_room_for_the_late, "work comes back for which there is no"));
}

BOOST_AUTO_TEST_CASE(a_try_of_what_is_cancelled_is_found_out) {
    BOOST_TEST(ends({.cancels = true}, mistake::tries_again_what_is_cancelled, "an item is begun that is"));
    BOOST_TEST(ends({.cancels = true}, mistake::withdraws_before_it_drains, "an item is begun that is"));
}

BOOST_AUTO_TEST_SUITE_END()

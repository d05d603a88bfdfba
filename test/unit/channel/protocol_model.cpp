// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/protocol_model.hpp"

#include "support/interleavings.hpp"
#include "support/protocol_parent.hpp"
#include "support/protocol_worker.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using procpool::test::interleavings;
using procpool::test::protocol_model;
using mistake = protocol_model::mistake;

// Every order of the steps of the parent and a worker, with one take-back and one death.

namespace {

std::string fault_of(mistake wrong) {
    protocol_model model;
    model.wrong = wrong;
    const interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

bool has(const std::string& text, const char* what) {
    return text.rfind(what, 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol)

BOOST_AUTO_TEST_CASE(every_item_has_one_outcome_and_nobody_sleeps_for_ever) {
    const interleavings walk{protocol_model()};
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends");
    BOOST_TEST(walk.fault() == "");
    BOOST_TEST(walk.states() > 50'000u);
    BOOST_TEST(walk.ends() > 0u);
}

BOOST_AUTO_TEST_CASE(a_parent_that_has_room_for_one_frame_hears_when_it_may_write_another) {
    protocol_model model;
    model.room_for_frames = 1;
    const interleavings walk(model);
    BOOST_TEST(walk.fault() == "");
    BOOST_TEST(walk.ends() > 0u);
}

BOOST_AUTO_TEST_CASE(passing_a_frame_and_telling_nobody_is_found_out) {
    protocol_model model;
    model.room_for_frames = 1;
    model.wrong = mistake::worker_passes_without_asking;
    BOOST_TEST(has(interleavings(model).fault(), "the parent sleeps for ever"));
}

BOOST_AUTO_TEST_CASE(a_sleeper_that_does_not_look_again_is_found_out) {
    const auto fault = fault_of(mistake::sleeper_looks_only_once);
    BOOST_TEST((has(fault, "the parent sleeps") || has(fault, "the worker sleeps")));
}

BOOST_AUTO_TEST_CASE(asking_before_publishing_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::worker_asks_before_it_publishes), "the parent sleeps for ever"));
    BOOST_TEST(has(fault_of(mistake::parent_asks_before_it_publishes), "the parent sleeps for ever"));
}

BOOST_AUTO_TEST_CASE(a_worker_that_nobody_tells_of_room_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::parent_forgets_to_ask_after_reading), "the parent sleeps for ever"));
}

BOOST_AUTO_TEST_CASE(forgetting_finished_items_before_they_are_published_is_found_out) {
    const auto fault = fault_of(mistake::building_is_cleared_before_publishing);
    BOOST_TEST((has(fault, "an item is lost whose result was kept") || has(fault, "an item is begun that")));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_found_twice_is_found_out) {
    const auto fault = fault_of(mistake::building_is_not_checked_for_its_place);
    BOOST_TEST(has(fault, "an item has two outcomes"));
}

BOOST_AUTO_TEST_CASE(a_claim_that_can_be_interrupted_is_found_out) {
    const auto fault = fault_of(mistake::claim_is_no_single_step);
    BOOST_TEST((has(fault, "an item is begun") || has(fault, "an item has two outcomes")));
}

BOOST_AUTO_TEST_SUITE_END()

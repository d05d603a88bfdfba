// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/interleavings.hpp"
#include "support/resizing_threads.hpp"
#include "support/resizing_workers.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

// Resizing while other threads submit and collect: see support/resizing_model.hpp.

namespace {

using procpool::test::resizing_model;

constexpr resizing_model::sizes grow_shrink_grow{2, 1, 2}, grow_shrink{2, 1, 0}, shrink_grow{1, 2, 0},
    grow{2, 0, 0};

std::string fault_of(const resizing_model& model) {
    const procpool::test::interleavings walk(model);
    BOOST_TEST_MESSAGE(walk.states() << " states, " << walk.ends() << " ends. " << walk.fault());
    return walk.fault();
}

std::string fault_of(resizing_model::mistake wrong, const resizing_model::sizes& one,
                     const resizing_model::sizes& other = {}) {
    resizing_model model;
    model.wrong = wrong;
    model.scripts = {one, other};
    model.items = other[0] == 0 && one[2] == 0 ? 2 : 1;
    return fault_of(model);
}

bool has(const std::string& text, const char* what) {
    return text.rfind(what, 0) == 0;
}

using mistake = resizing_model::mistake;

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_resizing)

BOOST_AUTO_TEST_CASE(nothing_is_lost_in_a_pool_that_grows_and_shrinks_and_grows) {
    BOOST_TEST(fault_of(mistake::none, grow_shrink_grow) == "");
    BOOST_TEST(fault_of(mistake::none, grow_shrink) == "");
}

BOOST_AUTO_TEST_CASE(a_death_costs_one_item_in_a_pool_that_grows_and_shrinks) {
    resizing_model model;
    model.scripts = {grow_shrink};
    model.one_dies = true;
    BOOST_TEST(fault_of(model) == "");
}

BOOST_AUTO_TEST_CASE(each_of_two_threads_that_resize_comes_to_an_end) {
    BOOST_TEST(fault_of(mistake::none, grow, shrink_grow) == "");
}

BOOST_AUTO_TEST_CASE(peeking_at_what_is_gone_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::frees_old_tables, grow), "a table is read that was freed"));
    BOOST_TEST(
        has(fault_of(mistake::unmaps_what_is_peeked_at, grow_shrink), "memory is read that was unmapped"));
}

BOOST_AUTO_TEST_CASE(a_worker_that_does_not_know_that_the_parent_sleeps_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::tells_new_workers_nothing, grow), "an item has no outcome"));
    BOOST_TEST(has(fault_of(mistake::sleeps_by_the_old_table, grow), "an item has no outcome"));
}

BOOST_AUTO_TEST_CASE(a_link_before_the_scheduler_knows_its_place_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::grows_before_the_scheduler, grow), "the scheduler is asked"));
}

BOOST_AUTO_TEST_CASE(a_worker_that_stays_is_found_out) {
    for (const auto wrong : {mistake::says_goodbye_in_silence, mistake::looks_not_when_work_is_done})
        BOOST_TEST(has(fault_of(wrong, grow_shrink), "a worker stays that is not wanted"));
    // The thread that resized continues after another resize.
    BOOST_TEST(has(fault_of(mistake::looks_not_when_one_is_ready, grow, {1, 0, 0}),
                   "a worker stays that is not wanted"));
}

BOOST_AUTO_TEST_CASE(a_place_that_is_needed_again_too_early_or_never_is_found_out) {
    BOOST_TEST(
        has(fault_of(mistake::starts_where_one_leaves, grow_shrink_grow), "two processes have one place"));
    BOOST_TEST(
        has(fault_of(mistake::looks_not_when_one_has_ended, grow_shrink_grow), "a thread resizes for ever"));
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_expected_is_found_out) {
    BOOST_TEST(has(fault_of(mistake::carries_out_no_order_of_an_end, grow_shrink),
                   "what a worker started is killed, though it was to end"));
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/faults/steps.hpp"
#include "support/faults/trial.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <boost/test/data/test_case.hpp>

#include <string>

// A worker is stopped at one of its steps: it delays only the items that it has, and it can be ended.
using namespace procpool::test::faults;

namespace {

const std::string all_well = "lost 0, late 0, abandoned 0, cancelled 0\nnothing left\n";

const auto every_passage = boost::unit_test::data::make(combinations(steps_of_a_worker(), true));
const auto every_step = boost::unit_test::data::make(combinations(steps_of_a_worker(), false));

} // namespace

BOOST_FIXTURE_TEST_SUITE(stopped_workers, procpool::test::nothing_left_behind)

BOOST_DATA_TEST_CASE(others_get_on_and_nothing_is_lost_when_it_goes_on, every_passage, each) {
    trial one({each.at.step, fault_action::stop, each.passage}, each.what());
    one.wait_until_it_happens();
    // A stopped worker may keep the item that it has, and the next one.
    if (each.workers > 1 && each.at.scenario == std::string("calls"))
        one.wait_for_runs(parent::tasks_of_calls - 2);
    one.resume();
    BOOST_TEST(one.end() == all_well);
    BOOST_TEST(one.how_the_parent_ended().text == "exited with status 0");
}

BOOST_DATA_TEST_CASE(it_is_ended_with_the_pool, every_step, each) {
    if (each.is_before_the_pool() || each.at.scenario == std::string("burden"))
        return;
    auto what = each.what();
    what.ending = "terminate_early";
    trial one({each.at.step, fault_action::stop, each.passage}, what);
    const auto heard = one.end();
    BOOST_TEST((heard == "lost 0, late 0, abandoned some, cancelled 0\nnothing left\n" || heard == all_well),
               heard);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv, play_parent);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/faults/steps.hpp"
#include "support/faults/trial.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <boost/test/data/test_case.hpp>

#include <string>

// A worker is killed at one of its steps: only the item that it had started is lost.
using namespace procpool::test::faults;

namespace {

void lose_a_worker(const combination& each, fault_action how) {
    trial one({each.at.step, how, each.passage}, each.what());
    const std::string lost = each.at.loses_item ? "1" : "0";
    BOOST_TEST(one.end() == (each.is_before_the_pool()
                                 ? "not started\nnothing left\n"
                                 : "lost " + lost + ", late 0, abandoned 0, cancelled 0\nnothing left\n"));
    BOOST_TEST(one.how_the_parent_ended().text == "exited with status 0");
}

const auto every_passage = boost::unit_test::data::make(combinations(steps_of_a_worker(), true));
const auto every_step = boost::unit_test::data::make(combinations(steps_of_a_worker(), false));

} // namespace

BOOST_FIXTURE_TEST_SUITE(killed_workers, procpool::test::nothing_left_behind)

BOOST_DATA_TEST_CASE(a_killed_worker_costs_what_it_had_begun, every_passage, each) {
    lose_a_worker(each, fault_action::kill);
}

BOOST_DATA_TEST_CASE(one_that_exits_costs_what_it_had_begun, every_step, each) {
    lose_a_worker(each, fault_action::exit);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv, play_parent);
}

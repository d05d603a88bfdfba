// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/faults/steps.hpp"
#include "support/faults/trial.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <boost/test/data/test_case.hpp>

#include <csignal>
#include <string>

// The parent is killed or stopped at one of its own steps, or of a worker's; or a worker is, at one of the
// parent's.
using namespace procpool::test::faults;

namespace {

void kill_the_parent(const combination& each, bool from_a_worker) {
    trial one({each.at.step, fault_action::kill, each.passage, from_a_worker}, each.what());
    one.wait_until_it_happens();
    // Whatever the parent has reported before.
    const auto heard = one.end(std::chrono::seconds(2));
    BOOST_TEST((heard.empty() || heard.find('!') == std::string::npos), heard);
    BOOST_TEST(one.how_the_parent_ended().signal_number.value_or(0) == SIGKILL);
}

void stop_the_parent(const combination& each, bool from_a_worker) {
    trial one({each.at.step, fault_action::stop, each.passage, from_a_worker}, each.what());
    one.wait_until_it_happens();
    one.resume();
    const std::string abandoned = each.at.ending == std::string("terminate") ? "some" : "0";
    const std::string cancelled = each.at.scenario == std::string("cancelling") ? "some" : "0";
    BOOST_TEST(one.end() ==
               "lost 0, late 0, abandoned " + abandoned + ", cancelled " + cancelled + "\nnothing left\n");
    BOOST_TEST(one.how_the_parent_ended().text == "exited with status 0");
}

/// The affected worker is one of the first. Others are started and dismissed when the size changes.
orders with_lasting_workers(const combination& each) {
    auto what = each.what();
    if (what.scenario == "recycling")
        what.scenario = "calls";
    return what;
}

const auto every_passage = boost::unit_test::data::make(combinations(steps_of_the_parent(), true));
const auto every_step = boost::unit_test::data::make(combinations(steps_of_the_parent(), false));
const auto every_step_of_a_worker = boost::unit_test::data::make(combinations(steps_of_a_worker(), false));

} // namespace

BOOST_FIXTURE_TEST_SUITE(parent_faults, procpool::test::nothing_left_behind)

BOOST_DATA_TEST_CASE(a_killed_parent_leaves_nothing, every_passage, each) {
    kill_the_parent(each, false);
}

BOOST_DATA_TEST_CASE(a_parent_that_is_killed_meanwhile_leaves_nothing, every_step_of_a_worker, each) {
    kill_the_parent(each, true);
}

BOOST_DATA_TEST_CASE(a_stopped_parent_goes_on, every_passage, each) {
    stop_the_parent(each, false);
}

BOOST_DATA_TEST_CASE(a_parent_that_is_stopped_meanwhile_goes_on, every_step_of_a_worker, each) {
    stop_the_parent(each, true);
}

BOOST_DATA_TEST_CASE(a_worker_that_is_killed_meanwhile_costs_an_item_at_most, every_step, each) {
    if (each.at.step == fault_step::reaped) // the worker itself may be dead by then
        return;
    trial one({each.at.step, fault_action::kill, 1, true}, with_lasting_workers(each));
    const auto heard = one.end();
    BOOST_TEST((heard.starts_with("lost 0, late 0,") || heard.starts_with("lost 1, late 0,")), heard);
    BOOST_TEST(heard.ends_with("\nnothing left\n"), heard);
    BOOST_TEST(one.how_the_parent_ended().text == "exited with status 0");
}

BOOST_DATA_TEST_CASE(a_worker_that_is_stopped_meanwhile_loses_nothing, every_step, each) {
    if (each.at.step == fault_step::reaped)
        return;
    trial one({each.at.step, fault_action::stop, 1, true}, with_lasting_workers(each));
    one.wait_until_it_happens();
    one.resume();
    const auto heard = one.end();
    BOOST_TEST(heard.starts_with("lost 0, late 0,"), heard);
    BOOST_TEST(heard.ends_with("\nnothing left\n"), heard);
    BOOST_TEST(one.how_the_parent_ended().text == "exited with status 0");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv, play_parent);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/verdict.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

apps::report sleeping() {
    return {.app = "app",
            .work = "calls",
            .jobs = 50,
            .cpus = 4,
            .serial_seconds = 100,
            .serial_cpu_seconds = 0.01,
            .sizes = {{1, 0, 100}, {4, 0, 26}, {50, 0.1, 4}}};
}

apps::report computing() {
    apps::report measured = sleeping();
    measured.serial_cpu_seconds = 99;
    measured.sizes = {{1, 0, 100}, {4, 0, 26}, {50, 0.1, 32.5}};
    return measured;
}

std::string last_sentence(const apps::report& measured) {
    return apps::verdict(measured).back();
}

} // namespace

BOOST_AUTO_TEST_SUITE(apps_verdict)

BOOST_AUTO_TEST_CASE(the_results_are_counted) {
    BOOST_TEST(apps::verdict(sleeping())[0] == "All 150 results equal those of the serial run.");
}

BOOST_AUTO_TEST_CASE(the_fastest_size_is_named) {
    BOOST_TEST(
        apps::verdict(sleeping())[1] ==
        "Fastest: 4.00 s with 50 processes, 25.0 times as fast as one call after the other (100.0 s).");
    BOOST_TEST(apps::verdict(computing())[1] ==
               "Fastest: 26.0 s with 4 processes, 3.8 times as fast as one call after the other (100.0 s).");
}

BOOST_AUTO_TEST_CASE(a_sleep_scales_past_the_cpus) {
    BOOST_TEST(
        last_sentence(sleeping()) ==
        "More processes than the 4 CPUs still pay: 26.0 s with 4 processes, 4.00 s with 50 processes. These "
        "calls use a CPU for 0 % of their time; who waits needs none, so a sleep does not simulate a "
        "computation.");
}

BOOST_AUTO_TEST_CASE(a_computation_does_not) {
    BOOST_TEST(last_sentence(computing()) == "More processes than the 4 CPUs gain nothing: 26.0 s with 4 "
                                             "processes, 32.5 s with 50 processes, which "
                                             "is 25 % more. These calls use a CPU for 99 % of their time, "
                                             "and beyond the CPUs they only take turns.");
}

BOOST_AUTO_TEST_CASE(small_differences_are_noise) {
    apps::report measured = computing();
    for (const double seconds : {24.0, 26.0, 28.0}) {
        measured.sizes.back().total_seconds = seconds;
        BOOST_TEST(last_sentence(measured).find("which is about the same") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_computation_that_seems_to_scale_had_company) {
    apps::report measured = computing();
    measured.sizes.back().total_seconds = 13;
    BOOST_TEST(last_sentence(measured).find("others must have used the machine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_only_the_start_of_processes_took_says_nothing) {
    apps::report measured = sleeping();
    measured.serial_seconds = 0.1;
    measured.sizes = {{1, 0.01, 0.11}, {4, 0.02, 0.05}, {50, 0.15, 0.2}};
    BOOST_TEST(last_sentence(measured) ==
               "The calls are too short to say more: starting 50 processes took 75 % of "
               "the time. A larger --scale helps.");
}

BOOST_AUTO_TEST_CASE(without_a_pool_beyond_the_cpus_nothing_is_said_about_it) {
    apps::report measured = sleeping();
    measured.cpus = 64;
    BOOST_TEST(
        last_sentence(measured) ==
        "No pool was larger than the 64 CPUs, so this does not show where more processes stop to pay.");
}

BOOST_AUTO_TEST_CASE(without_a_pool_within_the_cpus_nothing_is_said_either) {
    apps::report measured = computing();
    measured.sizes = {{50, 0.1, 30}};
    BOOST_TEST(last_sentence(measured) ==
               "All pools were larger than the 4 CPUs, so this does not show what the CPUs alone give.");
}

BOOST_AUTO_TEST_SUITE_END()

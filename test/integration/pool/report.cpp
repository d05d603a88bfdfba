// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <limits>
#include <string>
#include <vector>

// this_task::report: the progress of a task, as pool::workers() shows it.
namespace {

using namespace procpool::test;

int report_and_pass(const std::string& gate, double fraction) {
    procpool::this_task::report(fraction);
    return pass(gate, 0);
}

double reported(const procpool::pool& pool) {
    return pool.workers().at(0).reported;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(report, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(what_a_task_reports_is_shown_while_it_runs) {
    procpool::pool pool(1);
    const gate gate;
    BOOST_TEST(reported(pool) == 0.0);
    auto result = pool.apply_async(procpool::fn<report_and_pass>, gate.path(), 0.25);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(reported(pool) == 0.25);
    BOOST_TEST(pool.workers().at(0).busy);
    gate.open();
    result.get();
    BOOST_TEST(reported(pool) == 0.0);
    BOOST_TEST(!pool.workers().at(0).busy);
}

BOOST_AUTO_TEST_CASE(a_report_may_follow_another) {
    procpool::pool pool(1);
    const gate first;
    const class gate second;
    auto result = pool.apply_async(
        [](const std::string& a, const std::string& b) {
            report_and_pass(a, 0.25);
            report_and_pass(b, 0.75);
        },
        first.path(), second.path());
    BOOST_TEST_REQUIRE(first.wait_for_arrival());
    BOOST_TEST(reported(pool) == 0.25);
    first.open();
    BOOST_TEST_REQUIRE(second.wait_for_arrival());
    BOOST_TEST(reported(pool) == 0.75);
    second.open();
    result.get();
}

BOOST_AUTO_TEST_CASE(what_lies_outside_is_the_nearer_end) {
    procpool::pool pool(1);
    const std::vector<std::pair<double, double>> cases{{-1, 0},
                                                       {2, 1},
                                                       {std::numeric_limits<double>::infinity(), 1},
                                                       {std::numeric_limits<double>::quiet_NaN(), 0}};
    for (const auto& [said, shown] : cases) {
        const gate gate;
        auto result = pool.apply_async(procpool::fn<report_and_pass>, gate.path(), said);
        BOOST_TEST_REQUIRE(gate.wait_for_arrival());
        BOOST_TEST(reported(pool) == shown);
        gate.open();
        result.get();
    }
}

BOOST_AUTO_TEST_CASE(a_task_that_reports_nothing_does_not_show_what_the_one_before_said) {
    procpool::pool pool(1);
    pool.apply([] { procpool::this_task::report(0.5); });
    const gate gate;
    auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(reported(pool) == 0.0);
    gate.open();
    result.get();
}

BOOST_AUTO_TEST_CASE(neither_does_an_item_of_the_same_map) {
    procpool::pool pool(1);
    const gate gate;
    const std::vector<std::tuple<std::string, bool>> calls{{gate.path(), true}, {gate.path(), false}};
    procpool::map_options options;
    options.chunk_size = 2;
    auto result = pool.starmap_async(
        [](const std::string& path, bool first) {
            if (first)
                procpool::this_task::report(0.5);
            else
                pass(path, 0);
        },
        calls, options);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(reported(pool) == 0.0);
    gate.open();
    result.get();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

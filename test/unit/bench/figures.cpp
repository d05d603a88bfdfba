// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/charts.hpp"
#include "bench/support/row.hpp"
#include "bench/support/schedules.hpp"
#include "bench/support/table.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(figures)

BOOST_AUTO_TEST_CASE(the_median_lies_in_the_middle) {
    BOOST_TEST(bench::median({3, 1, 2}) == 2);
    BOOST_TEST(bench::median({4, 1, 2, 3}) == 2.5);
    BOOST_TEST(bench::median({7}) == 7);
}

BOOST_AUTO_TEST_CASE(quantiles_lie_between_the_least_and_the_most) {
    BOOST_TEST(bench::quantile({5, 1, 3}, 0) == 1);
    BOOST_TEST(bench::quantile({5, 1, 3}, 1) == 5);
    BOOST_TEST(bench::quantile({0, 10}, 0.25) == 2.5);
}

BOOST_AUTO_TEST_CASE(a_row_compares_sides_of_the_same_round) {
    const bench::row row{
        .ours = {10, 100, 1}, .theirs = bench::samples{5, 10, 1}, .goal = bench::at_least(2)};
    const bench::samples expected{2, 10, 1};
    BOOST_TEST(row.figures() == expected, boost::test_tools::per_element());
    BOOST_TEST(row.is_met().value());
}

BOOST_AUTO_TEST_CASE(without_another_side_the_aim_is_for_the_figure_itself) {
    BOOST_TEST(bench::row({.ours = {1, 2, 3}, .goal = bench::at_most(2)}).is_met().value());
    BOOST_TEST(!bench::row({.ours = {1, 2, 3}, .goal = bench::at_most(1)}).is_met().value());
}

BOOST_AUTO_TEST_CASE(what_was_not_measured_is_neither_met_nor_missed) {
    const bench::row row{.ours = {1}, .theirs = bench::samples(), .goal = bench::at_least(1)};
    BOOST_TEST(!row.is_met().has_value());
    BOOST_TEST(!bench::row({.ours = {1}, .goal = bench::report_only()}).is_met().has_value());
}

BOOST_AUTO_TEST_CASE(quantities_are_told_with_three_digits) {
    using bench::readable;
    using bench::unit;
    BOOST_TEST(readable(4'970'000, unit::per_second) == "4.97 M/s");
    BOOST_TEST(readable(463e-9, unit::seconds) == "463 ns");
    BOOST_TEST(readable(0.0125, unit::seconds) == "12.5 ms");
    BOOST_TEST(readable(1024 * 1024, unit::bytes) == "1.00 MiB");
    BOOST_TEST(readable(0, unit::seconds) == "0 ns");
    BOOST_TEST(readable(0.000123, unit::plain) == "0.00012");
}

BOOST_AUTO_TEST_CASE(a_table_says_what_is_met_and_what_was_not_measured) {
    bench::report report;
    report.rows.push_back({.line = 1, .work = "work", .ours = {1}, .goal = bench::at_least(2)});
    report.rows.push_back({.line = 2, .ours = {1}, .theirs = bench::samples(), .note = "nobody there"});
    std::ostringstream text;
    bench::print_markdown(text, report);
    BOOST_TEST(text.str().find("| ≥ 2.00") != std::string::npos);
    BOOST_TEST(text.str().find("**no**") != std::string::npos);
    BOOST_TEST(text.str().find("not measured: nobody there") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tasks_are_begun_by_whoever_is_idle_first) {
    BOOST_TEST(bench::time_in_order({1, 1, 2}, 2) == 3);
    BOOST_TEST(bench::longest_first_bound({1, 1, 2}, 2) == 2);
    BOOST_TEST(bench::longest_first_bound({1, 2}, 8) == 2);
}

BOOST_AUTO_TEST_CASE(a_chart_has_a_bar_for_each_side_that_was_measured) {
    bench::report measured;
    const auto row_of = [](const char* other, const bench::samples& theirs) {
        return bench::row{.line = 2,
                          .work = "apply, p50",
                          .other = other,
                          .unit = bench::unit::seconds,
                          .ours = {1e-6, 2e-6, 3e-6},
                          .theirs = theirs};
    };
    measured.rows = {row_of("a ring", {1e-7, 1e-7, 1e-7}), row_of("no python3 here", {}),
                     row_of("it's queues", {5e-6, 5e-6, 5e-6})};
    const auto charts = bench::charts_of(measured);
    BOOST_TEST_REQUIRE(charts.size() == 1u);
    BOOST_TEST_REQUIRE(charts[0].bars.size() == 3u);
    BOOST_TEST(charts[0].bars[0].first == "procpool");
    BOOST_TEST(charts[0].bars[0].second == 2e-6);
    BOOST_TEST(charts[0].bars[2].first == "it's queues");
    const auto script = bench::chart_script(charts[0], "out.svg");
    BOOST_TEST(script.find("set output 'out.svg'") != std::string::npos);
    BOOST_TEST(script.find("'it''s queues'") != std::string::npos);
    BOOST_TEST(script.find("2.00 µs") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

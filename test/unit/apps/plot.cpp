// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/plot.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

apps::report measured() {
    return {.app = "procpool-map",
            .work = "100 sieves",
            .cpus = 2,
            .serial_seconds = 12,
            .sizes = {{1, 0, 12.5}, {2, 0, 6.25}, {100, 0, 7.5}}};
}

bool says(const std::string& script, const std::string& part) {
    return script.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(apps_plot)

BOOST_AUTO_TEST_CASE(the_chart_has_what_a_reader_needs) {
    const std::string script = apps::plot_script(measured(), "map.svg");
    BOOST_TEST(says(script, "$measured << END\n1 12.5\n2 6.25\n100 7.5\nEND\n"));
    BOOST_TEST(says(script, "set title 'procpool-map: 100 sieves, on 2 CPUs'"));
    BOOST_TEST(says(script, "set xlabel 'processes in the pool'"));
    BOOST_TEST(says(script, "set ylabel 'total time in seconds'"));
    BOOST_TEST(says(script, "set arrow from first 2, graph 0 to first 2, graph 1"));
    BOOST_TEST(says(script, "plot 12/x title 'ideal"));
    BOOST_TEST(says(script, "title 'measured'"));
}

BOOST_AUTO_TEST_CASE(the_ideal_of_calls_that_compute_ends_at_the_cpus) {
    auto computing = measured();
    computing.serial_cpu_seconds = computing.serial_seconds;
    BOOST_TEST(says(apps::plot_script(computing, "map.svg"), "plot 12/(x < 2 ? x : 2) title 'ideal"));
    computing.serial_cpu_seconds = 0;
    BOOST_TEST(says(apps::plot_script(computing, "map.svg"), "plot 12/x title 'ideal"));
}

BOOST_AUTO_TEST_CASE(the_suffix_picks_the_kind_of_file) {
    BOOST_TEST(says(apps::plot_script(measured(), "map.svg"), "set terminal svg"));
    BOOST_TEST(says(apps::plot_script(measured(), "map.png"), "set terminal pngcairo"));
}

BOOST_AUTO_TEST_CASE(a_quote_in_the_file_name_stays_a_quote) {
    BOOST_TEST(says(apps::plot_script(measured(), "it's.svg"), "set output 'it''s.svg'\n"));
}

BOOST_AUTO_TEST_CASE(labels_that_would_overlap_are_left_out) {
    apps::report many = measured();
    many.sizes.clear();
    for (std::size_t processes = 1; processes <= 100; ++processes)
        many.sizes.push_back({processes, 0, 1});
    const std::string script = apps::plot_script(many, "map.svg");
    BOOST_TEST(says(script, "set xtics nomirror (1, 2, 3, 4, 5, 6, 7, 8, "));
    BOOST_TEST(!says(script, ", 99"));
}

BOOST_AUTO_TEST_SUITE_END()

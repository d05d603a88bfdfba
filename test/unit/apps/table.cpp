// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/table.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <sstream>

namespace {

apps::report measured() {
    return {.app = "procpool-map",
            .work = "100 sieves",
            .jobs = 100,
            .seed = 3,
            .scale = 0.5,
            .cpus = 2,
            .serial_seconds = 12,
            .serial_cpu_seconds = 12,
            .sizes = {{1, 0.001, 12.5}, {2, 0.002, 6.25}, {100, 0.25, 7.5}}};
}

std::string printed(apps::table_format format) {
    std::ostringstream out;
    apps::print(out, measured(), format);
    return out.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(apps_table)

BOOST_AUTO_TEST_CASE(a_table_has_a_line_for_each_size_and_a_verdict) {
    BOOST_TEST(printed(apps::table_format::table) ==
               "procpool-map: 100 sieves, on 2 CPUs; one after the other 12.0 s\n"
               "\n"
               "processes  start/s  total/s  speed-up  efficiency\n"
               "---------  -------  -------  --------  ----------\n"
               "        1    0.001     12.5      0.96        96 %\n"
               "        2    0.002     6.25      1.92        96 %\n"
               "      100    0.250     7.50      1.60         2 %\n"
               "\n"
               "All 300 results equal those of the serial run.\n"
               "Fastest: 6.25 s with 2 processes, 1.9 times as fast as one call after the other (12.0 s).\n"
               "More processes than the 2 CPUs gain nothing: 6.25 s with 2 processes, 7.50 s with 100 "
               "processes, which "
               "is 20 % more. These calls use a CPU for 100 % of their time, and beyond the CPUs they only "
               "take turns.\n");
}

BOOST_AUTO_TEST_CASE(markdown_aligns_numbers_to_the_right) {
    const std::string text = printed(apps::table_format::markdown);
    BOOST_TEST(text.find("| processes | start/s | total/s | speed-up | efficiency |\n"
                         "|----------:|--------:|--------:|---------:|-----------:|\n"
                         "|         1 |   0.001 |    12.5 |     0.96 |       96 % |\n") != std::string::npos);
    BOOST_TEST(text.find("\n* All 300 results") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(csv_is_numbers_alone) {
    BOOST_TEST(printed(apps::table_format::csv) ==
               "processes,start_seconds,total_seconds,speedup,efficiency\n"
               "1,0.001000,12.500000,0.960,0.960\n"
               "2,0.002000,6.250000,1.920,0.960\n"
               "100,0.250000,7.500000,1.600,0.016\n");
}

BOOST_AUTO_TEST_CASE(json_holds_everything) {
    const boost::json::value value = boost::json::parse(printed(apps::table_format::json));
    BOOST_TEST(value.at("app").as_string() == "procpool-map");
    BOOST_TEST(value.at("work").as_string() == "100 sieves");
    BOOST_TEST(value.at("cpus").to_number<int>() == 2);
    BOOST_TEST(value.at("jobs").to_number<int>() == 100);
    BOOST_TEST(value.at("seed").to_number<int>() == 3);
    BOOST_TEST(value.at("scale").to_number<double>() == 0.5);
    BOOST_TEST(value.at("serial_seconds").to_number<double>() == 12);
    BOOST_TEST(value.at("serial_cpu_seconds").to_number<double>() == 12);
    BOOST_TEST(value.at("sizes").as_array().size() == 3u);
    const boost::json::value& last = value.at("sizes").at(2);
    BOOST_TEST(last.at("processes").to_number<int>() == 100);
    BOOST_TEST(last.at("start_seconds").to_number<double>() == 0.25);
    BOOST_TEST(last.at("total_seconds").to_number<double>() == 7.5);
    BOOST_TEST(last.at("speedup").to_number<double>() == 1.6);
    BOOST_TEST(last.at("efficiency").to_number<double>() == 0.016);
    BOOST_TEST(value.at("verdict").as_array().size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

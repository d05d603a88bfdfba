// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/progress_meter.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using procpool::detail::report_throttle;

BOOST_AUTO_TEST_SUITE(report_throttling)

BOOST_AUTO_TEST_CASE(nothing_is_due_before_the_first_interval_has_passed) {
    const report_throttle::clock::time_point start{50s};
    report_throttle throttle(start, 100ms);
    BOOST_TEST(!throttle.due(start));
    BOOST_TEST(!throttle.due(start + 99ms));
    BOOST_TEST(throttle.due(start + 100ms));
}

BOOST_AUTO_TEST_CASE(of_those_that_come_within_an_interval_one_is_due) {
    const report_throttle::clock::time_point start{50s};
    report_throttle throttle(start, 100ms);
    BOOST_TEST(throttle.due(start + 170ms));
    BOOST_TEST(!throttle.due(start + 170ms));
    BOOST_TEST(!throttle.due(start + 269ms));
    BOOST_TEST(throttle.due(start + 270ms));
}

BOOST_AUTO_TEST_CASE(what_was_missed_is_not_made_up_for) {
    const report_throttle::clock::time_point start{50s};
    report_throttle throttle(start, 100ms);
    BOOST_TEST(throttle.due(start + 1h));
    BOOST_TEST(!throttle.due(start + 1h));
}

BOOST_AUTO_TEST_SUITE_END()

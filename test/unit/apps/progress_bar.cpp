// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/progress_bar.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>

BOOST_AUTO_TEST_SUITE(progress_bar)

BOOST_AUTO_TEST_CASE(a_line_is_shorter_than_the_terminal_is_wide) {
    for (std::size_t columns = 0; columns != 200; ++columns)
        for (const double fraction : {0.0, 0.5, 1.0, 2.0})
            BOOST_TEST(apps::progress_line(fraction, "100 processes", columns).size() <=
                       (columns == 0 ? 0 : columns - 1));
}

BOOST_AUTO_TEST_CASE(a_wide_terminal_has_a_bar_of_forty_places) {
    BOOST_TEST(apps::progress_line(0.5, "x", 80) ==
               '[' + std::string(20, '#') + std::string(20, '.') + "] 50 %, x");
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_has_a_shorter_bar_and_a_very_narrow_one_none) {
    BOOST_TEST(apps::progress_line(0.5, "x", 19) == "[####....] 50 %, x");
    BOOST_TEST(apps::progress_line(0.5, "x", 12) == "50 %, x");
    BOOST_TEST(apps::progress_line(0.5, "x", 5) == "50 %");
}

BOOST_AUTO_TEST_SUITE_END()

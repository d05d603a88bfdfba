// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/text.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>

BOOST_AUTO_TEST_SUITE(apps_text)

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_the_characters_of_their_widest_cells) {
    const auto printed = [](apps::align to, bool markdown) {
        std::ostringstream out;
        apps::print_columns(out, {{"name", "aim"}, {"x", "≥ 10 µs"}}, to, markdown);
        return out.str();
    };
    BOOST_TEST(printed(apps::align::left, true) == "| name | aim     |\n"
                                                   "|------|---------|\n"
                                                   "| x    | ≥ 10 µs |\n");
    BOOST_TEST(printed(apps::align::right, true) == "| name |     aim |\n"
                                                    "|-----:|--------:|\n"
                                                    "|    x | ≥ 10 µs |\n");
    BOOST_TEST(printed(apps::align::right, false) == "name      aim\n"
                                                     "----  -------\n"
                                                     "   x  ≥ 10 µs\n");
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/last_errors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using procpool::pooling::last_errors;

BOOST_AUTO_TEST_SUITE(last_errors_of_a_process)

BOOST_AUTO_TEST_CASE(a_short_text_is_kept_whole) {
    last_errors errors;
    errors.add("one\n");
    errors.add("");
    errors.add("two");
    BOOST_TEST(errors.text() == "one\ntwo");
}

BOOST_AUTO_TEST_CASE(of_a_longer_text_the_end_is_kept) {
    last_errors errors;
    std::string all;
    for (int i = 0; i != 3000; ++i) {
        const auto line = std::to_string(i) + "\n";
        errors.add(line);
        all += line;
    }
    BOOST_TEST(errors.text() == all.substr(all.size() - last_errors::max_bytes));
}

BOOST_AUTO_TEST_CASE(a_single_piece_may_be_too_long) {
    last_errors errors;
    errors.add("before");
    const std::string piece = "x" + std::string(last_errors::max_bytes, 'y');
    errors.add(piece);
    BOOST_TEST(errors.text() == piece.substr(1));
}

BOOST_AUTO_TEST_SUITE_END()

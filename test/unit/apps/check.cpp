// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/check.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

std::string complaint(const std::vector<int>& expected, const std::vector<int>& results,
                      std::size_t processes) {
    try {
        apps::check(expected, results, processes);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(apps_check)

BOOST_AUTO_TEST_CASE(equal_results_pass) {
    BOOST_TEST(complaint({1, 2, 3}, {1, 2, 3}, 4) == "none");
}

BOOST_AUTO_TEST_CASE(the_first_difference_is_named) {
    BOOST_TEST(complaint({1, 2, 3}, {1, 7, 8}, 4) == "wrong result: with 4 processes, call 1 gave 7, not 2");
}

BOOST_AUTO_TEST_CASE(a_missing_result_is_named) {
    BOOST_TEST(complaint({1, 2, 3}, {1, 2}, 1) == "wrong result: with 1 process there are 2 results, not 3");
}

BOOST_AUTO_TEST_SUITE_END()

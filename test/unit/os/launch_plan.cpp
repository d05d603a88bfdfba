// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/spawn.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace os = procpool::os;
using variables = std::vector<std::pair<std::string, std::string>>;

namespace {

// Carries out the moves as the kernel would, and returns the source at each target.
std::vector<int> carry_out(const std::vector<int>& sources, int first) {
    std::map<int, int> table;
    for (const int source : sources)
        table[source] = source;
    for (const auto& [from, to] : os::plan_moves(sources, first)) {
        BOOST_TEST_REQUIRE(table.contains(from));
        table[to] = table[from];
    }
    std::vector<int> result;
    for (std::size_t i = 0; i < sources.size(); ++i)
        result.push_back(table[first + static_cast<int>(i)]);
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(launch_plan)

BOOST_AUTO_TEST_CASE(every_arrangement_of_six_descriptors_arrives) {
    std::vector<int> sources{1, 3, 4, 5, 6, 20};
    do {
        BOOST_TEST(carry_out(sources, 3) == sources, boost::test_tools::per_element());
    } while (std::ranges::next_permutation(sources).found);
}

BOOST_AUTO_TEST_CASE(one_source_can_have_two_targets) {
    for (const std::vector<int>& sources : {std::vector{3, 3, 4}, {4, 4, 3}, {5, 4, 4, 3}, {9, 9}})
        BOOST_TEST(carry_out(sources, 3) == sources, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_rings_arrive) {
    const std::vector<int> sources{4, 3, 6, 7, 5};
    BOOST_TEST(carry_out(sources, 3) == sources, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_target_is_moved_to_so_that_it_is_inherited) {
    const std::vector<int> sources{3, 4};
    const std::vector<os::descriptor_move> plan = os::plan_moves(sources, 3);
    BOOST_TEST((plan == std::vector<os::descriptor_move>{{3, 3}, {4, 4}}));
}

BOOST_AUTO_TEST_CASE(descriptors_below_the_targets_are_never_written) {
    const std::vector<int> sources{4, 3, 0};
    for (const auto& move : os::plan_moves(sources, 3))
        BOOST_TEST(move.to >= 3);
}

BOOST_AUTO_TEST_CASE(no_handles_need_no_moves) {
    BOOST_TEST(os::plan_moves({}, 3).empty());
}

BOOST_AUTO_TEST_CASE(added_variables_replace_those_of_the_same_name) {
    const std::vector<std::string> base{"A=1", "AB=2", "C=x=y"};
    const variables added{{"A", "new"}, {"D", ""}};
    const std::vector<std::string> expected{"AB=2", "C=x=y", "A=new", "D="};
    BOOST_TEST(os::merge_environment(base, added) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(removed_variables_are_not_there_unless_they_are_added) {
    const std::vector<std::string> base{"A=1", "AB=2", "C=3"};
    const std::vector<std::string> removed{"A", "C", "D"};
    const std::vector<std::string> expected{"AB=2", "C=4"};
    BOOST_TEST(os::merge_environment(base, variables{{"C", "4"}}, removed) == expected,
               boost::test_tools::per_element());
    BOOST_CHECK_THROW(os::merge_environment(base, {}, std::vector<std::string>{"A=1"}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(of_equal_added_names_the_last_one_counts) {
    const std::vector<std::string> expected{"A=2"};
    BOOST_TEST(os::merge_environment({}, variables{{"A", "1"}, {"A", "2"}}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_environment_at_all_is_an_empty_one) {
    BOOST_TEST(os::merge_environment({}, variables{}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_variable_is_refused) {
    using namespace std::string_literals;
    for (const auto& wrong : {std::pair{"A=B"s, "1"s}, {""s, "1"s}, {"A\0B"s, "1"s}, {"A"s, "1\0"s}})
        BOOST_CHECK_THROW(os::merge_environment({}, variables{wrong}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

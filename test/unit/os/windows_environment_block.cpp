// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/process_start.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using procpool::os::environment_block;

namespace {

using variables = std::vector<std::pair<std::string, std::string>>;

/// Lines that each end with a NUL, and one more NUL.
std::wstring block_of(std::initializer_list<std::wstring> lines) {
    std::wstring block;
    for (const auto& line : lines)
        block.append(line).push_back(L'\0');
    block.push_back(L'\0');
    return block;
}

bool is_refused(const variables& added) {
    try {
        static_cast<void>(environment_block(block_of({}), added));
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(windows_environment_block)

BOOST_AUTO_TEST_CASE(an_added_variable_is_where_the_order_of_names_puts_it) {
    const auto base = block_of({L"A=1", L"Z=2"});
    BOOST_TEST((environment_block(base, variables{{"M", "3"}}) == block_of({L"A=1", L"M=3", L"Z=2"})));
}

BOOST_AUTO_TEST_CASE(what_is_not_in_order_is_sorted_without_regard_to_case) {
    const auto base = block_of({L"path=1", L"b=2", L"A=3", L"PATHEXT=4"});
    BOOST_TEST((environment_block(base, {}) == block_of({L"A=3", L"b=2", L"path=1", L"PATHEXT=4"})));
}

// "A_" has a character above the "=" that ends the name "A", "A 1" one below it.
BOOST_AUTO_TEST_CASE(names_are_compared_and_not_lines) {
    const auto base = block_of({L"A_=1", L"A 1=2", L"A=3"});
    BOOST_TEST((environment_block(base, {}) == block_of({L"A=3", L"A 1=2", L"A_=1"})));
}

BOOST_AUTO_TEST_CASE(an_added_variable_replaces_all_of_its_name) {
    const auto base = block_of({L"PROCPOOL_X=1", L"Procpool_x=2", L"PROCPOOL_XY=3"});
    BOOST_TEST((environment_block(base, variables{{"procpool_X", "4"}}) ==
                block_of({L"procpool_X=4", L"PROCPOOL_XY=3"})));
}

BOOST_AUTO_TEST_CASE(of_equal_names_the_last_that_is_added_counts_and_the_first_that_was_there) {
    BOOST_TEST((environment_block(block_of({}), variables{{"A", "1"}, {"a", "2"}}) == block_of({L"a=2"})));
    BOOST_TEST((environment_block(block_of({L"A=1", L"a=2"}), {}) == block_of({L"A=1"})));
}

BOOST_AUTO_TEST_CASE(removed_variables_are_not_there_unless_they_are_added) {
    const std::vector<std::string> removed{"a", "C"};
    BOOST_TEST((environment_block(block_of({L"A=1", L"AB=2", L"C=3"}), variables{{"C", "4"}}, removed) ==
                block_of({L"AB=2", L"C=4"})));
}

BOOST_AUTO_TEST_CASE(the_folders_of_drives_stay) {
    const auto base = block_of({L"A=1", L"=C:=C:\\folder", L"=::=::\\"});
    BOOST_TEST((environment_block(base, variables{{"C", ""}}) ==
                block_of({L"=::=::\\", L"=C:=C:\\folder", L"A=1", L"C="})));
}

BOOST_AUTO_TEST_CASE(values_may_have_anything_but_a_nul) {
    BOOST_TEST(
        (environment_block(block_of({}), variables{{"A", "b=c \xC3\xA4"}}) == block_of({L"A=b=c \u00E4"})));
    BOOST_TEST(is_refused({{"A", std::string("b\0c", 3)}}));
    BOOST_TEST(is_refused({{"A=", "b"}}));
    BOOST_TEST(is_refused({{"", "b"}}));
}

BOOST_AUTO_TEST_CASE(a_block_without_variables_ends_like_one_of_an_empty_line) {
    BOOST_TEST((environment_block(block_of({}), {}) == std::wstring(2, L'\0')));
}

BOOST_AUTO_TEST_SUITE_END()

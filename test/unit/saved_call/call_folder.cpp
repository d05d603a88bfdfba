// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "saved_call/call_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>
#include <string>

using procpool::saved_calls::call_folder;
using procpool::saved_calls::file_name_of;

BOOST_AUTO_TEST_SUITE(saved_calls_call_folder)

BOOST_AUTO_TEST_CASE(the_name_of_a_task_becomes_part_of_a_file_name) {
    BOOST_TEST(file_name_of("sieve") == "sieve");
    BOOST_TEST(file_name_of("space::sieve") == "space_sieve");
    BOOST_TEST(file_name_of("main()::{lambda(int)#1}") == "main_lambda_int_1");
    BOOST_TEST(file_name_of("../../etc/passwd") == "etc_passwd");
    BOOST_TEST(file_name_of("a\nb\0c") == "a_b");
    BOOST_TEST(file_name_of("\xc3\xa4") == "task");
    BOOST_TEST(file_name_of("") == "task");
}

BOOST_AUTO_TEST_CASE(a_long_name_is_cut) {
    BOOST_TEST(file_name_of(std::string(1000, 'x')) == std::string(80, 'x'));
}

BOOST_AUTO_TEST_CASE(another_exception_is_left_as_it_is) {
    const auto error = std::make_exception_ptr(std::runtime_error("why"));
    BOOST_TEST((call_folder::save(error) == error));
}

BOOST_AUTO_TEST_SUITE_END()

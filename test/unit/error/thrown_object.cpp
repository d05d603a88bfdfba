// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/thrown_object.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>

using procpool::detail::inspect;
using procpool::detail::type_of_number;

namespace {

BOOST_AUTO_TEST_CASE(the_type_of_a_number_is_found_without_help_of_the_platform) {
    BOOST_TEST((*type_of_number(std::make_exception_ptr(42)) == typeid(int)));
    BOOST_TEST((*type_of_number(std::make_exception_ptr(42UL)) == typeid(unsigned long)));
    BOOST_TEST((*type_of_number(std::make_exception_ptr(true)) == typeid(bool)));
    BOOST_TEST((*type_of_number(std::make_exception_ptr('c')) == typeid(char)));
    BOOST_TEST((*type_of_number(std::make_exception_ptr(1.5)) == typeid(double)));
    BOOST_TEST((*type_of_number(std::make_exception_ptr(1.5F)) == typeid(float)));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_has_no_type_of_a_number) {
    BOOST_TEST(!type_of_number(std::make_exception_ptr(std::string("text"))));
    BOOST_TEST(!type_of_number(std::make_exception_ptr(std::runtime_error("text"))));
    int object = 0;
    BOOST_TEST(!type_of_number(std::make_exception_ptr(&object)));
}

BOOST_AUTO_TEST_CASE(a_number_has_a_type_and_no_text) {
    const auto found = inspect(std::make_exception_ptr(42));
    BOOST_TEST(found.type_name == "int");
    BOOST_TEST(!found.text.has_value());
}

} // namespace

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/remote_exception.hpp>

#include <boost/test/unit_test.hpp>
#include <boost/throw_exception.hpp>

#include <stdexcept>
#include <string>
#include <typeinfo>

// The names of types for people. What other compilers print is given as literals.
using procpool::detail::readable_type_name;

namespace {

struct local {};

BOOST_AUTO_TEST_CASE(types_have_the_names_that_programs_write) {
    BOOST_TEST(readable_type_name(typeid(std::runtime_error)) == "std::runtime_error");
    BOOST_TEST(readable_type_name(typeid(std::string)) == "std::string");
    BOOST_TEST(readable_type_name(typeid(const char*)) == "char const*");
    BOOST_TEST(readable_type_name(typeid(int)) == "int");
    BOOST_TEST(readable_type_name(typeid(local)) == "(anonymous namespace)::local");
    BOOST_TEST(readable_type_name(typeid(boost::wrapexcept<std::runtime_error>)) == "std::runtime_error");
}

BOOST_AUTO_TEST_CASE(names_of_msvc_lose_the_keys_of_their_classes) {
    BOOST_TEST(readable_type_name("class std::runtime_error") == "std::runtime_error");
    BOOST_TEST(readable_type_name("struct space::part") == "space::part");
    BOOST_TEST(readable_type_name("enum space::colour") == "space::colour");
    BOOST_TEST(readable_type_name("union either") == "either");
    BOOST_TEST(readable_type_name("struct pair<class a,enum b,struct c<union d> >") == "pair<a,b,c<d> >");
    BOOST_TEST(readable_type_name("class std::function<void __cdecl(class a,struct b)>") ==
               "std::function<void __cdecl(a,b)>");
    BOOST_TEST(readable_type_name("class first_class const *") == "first_class const*");
    BOOST_TEST(readable_type_name("pair<subclass ,int>") == "pair<subclass ,int>");
    BOOST_TEST(readable_type_name("struct `anonymous namespace'::local") == "(anonymous namespace)::local");
}

BOOST_AUTO_TEST_CASE(names_of_msvc_become_those_of_the_source) {
    BOOST_TEST(readable_type_name("class std::basic_string<char,struct std::char_traits<char>,class "
                                  "std::allocator<char> >") == "std::string");
    BOOST_TEST(readable_type_name("char const *") == "char const*");
    BOOST_TEST(readable_type_name("char const * __ptr64") == "char const*");
    BOOST_TEST(readable_type_name("unsigned __int64") == "unsigned long long");
}

BOOST_AUTO_TEST_CASE(names_of_libcxx_become_those_of_the_source) {
    BOOST_TEST(readable_type_name("std::__1::basic_string<char, std::__1::char_traits<char>, "
                                  "std::__1::allocator<char> >") == "std::string");
}

BOOST_AUTO_TEST_CASE(a_type_that_adds_a_nested_exception_has_the_name_of_its_base) {
    const std::string expected = "space::failure";
    BOOST_TEST(readable_type_name("std::_Nested_exception<space::failure>") == expected);
    BOOST_TEST(readable_type_name("std::__1::__nested<space::failure>") == expected);
    BOOST_TEST(readable_type_name("struct std::_With_nested_v2<class space::failure>") == expected);
    BOOST_TEST(
        readable_type_name("struct std::_With_nested_v2<struct boost::wrapexcept<class space::failure> >") ==
        expected);
}

} // namespace

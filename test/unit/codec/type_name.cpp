// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/type_name.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

// The names of types and functions, from the texts of this compiler and, as literals, of MSVC.
namespace space {

struct part {};
template <class T>
struct wrapper {};
int work(int n) {
    return n;
}

} // namespace space

namespace {

using namespace procpool::detail;

constexpr std::string_view result_of_msvc =
    "class std::basic_string_view<char,struct std::char_traits<char> > __cdecl procpool::detail::";

BOOST_AUTO_TEST_CASE(types_and_functions_have_the_names_of_the_source) {
    BOOST_TEST(type_name<space::part>() == "space::part");
    BOOST_TEST(type_name<double>() == "double");
    BOOST_TEST(function_name<&space::work>() == "space::work");
}

BOOST_AUTO_TEST_CASE(only_the_types_of_lambdas_have_names_of_lambdas) {
    auto lambda = [] {
    };
    BOOST_TEST(is_lambda<decltype(lambda)>());
    BOOST_TEST(!is_lambda<space::wrapper<decltype(lambda)>>());
    BOOST_TEST(is_name_of_lambda("space::f::<lambda_1>"));
    BOOST_TEST(!is_name_of_lambda("space::wrapper<space::f::<lambda_1> >"));
}

BOOST_AUTO_TEST_CASE(the_argument_is_cut_out_of_what_msvc_prints) {
    const auto argument = [](std::string_view text) {
        return cut_between(text, "text_with_type<", ">(void)");
    };
    const std::string head(result_of_msvc);
    BOOST_TEST(argument(head + "text_with_type<struct space::part>(void) noexcept") == "struct space::part");
    BOOST_TEST(argument(head + "text_with_type<class w<void __cdecl(void)> >(void)") ==
               "class w<void __cdecl(void)> ");
}

BOOST_AUTO_TEST_CASE(the_types_that_msvc_prints_lose_their_key) {
    BOOST_TEST(without_class_key("class space::part") == "space::part");
    BOOST_TEST(without_class_key("struct space::part") == "space::part");
    BOOST_TEST(without_class_key("enum colour") == "colour");
    BOOST_TEST(without_class_key("union either") == "either");
    BOOST_TEST(without_class_key("classic") == "classic");
}

BOOST_AUTO_TEST_CASE(the_functions_that_msvc_prints_lose_their_signature) {
    BOOST_TEST(without_signature("int __cdecl space::work(int) noexcept") == "space::work");
    BOOST_TEST(without_signature("class std::vector<int,class std::allocator<int> > __cdecl f(void)") == "f");
    BOOST_TEST(without_signature("space::work") == "space::work");
}

BOOST_AUTO_TEST_CASE(a_text_that_looks_different_is_shown_as_a_whole) {
    constexpr std::string_view text = "f(void)"; // no template argument in it
    BOOST_TEST(cut_between(text, "text_with_type<", ">(void)") == text);
    BOOST_TEST(cut_like(text, text, "double") == text);
    BOOST_TEST(cut_like("f<T>", "text_with_type<double>", "double") == "f<T>");
}

} // namespace

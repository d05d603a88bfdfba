// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/keywords.hpp>
#include <procpool/task.hpp>

#include "support/task_call.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace procpool::literals;
using procpool::keywords;
using procpool::test::call;
using procpool::test::call_spread;
namespace detail = procpool::detail;

namespace {

double weighted(double a, double b, double seconds) noexcept {
    return a + 10 * b + 100 * seconds;
}
std::string greet(const std::string& greeting, std::string_view name, std::optional<int> times) {
    return greeting + ' ' + std::string(name) + std::string(static_cast<std::size_t>(times.value_or(0)), '!');
}
int total(std::span<const int> numbers, int factor) {
    int sum = 0;
    for (const int number : numbers)
        sum += number;
    return sum * factor;
}
int number_in(std::unique_ptr<int> number, int plus) {
    return *number + plus;
}
int answer() {
    return 42;
}

constexpr auto add = keywords<weighted>("a"_arg, "b"_arg, "seconds"_arg = 0.1);

static_assert(std::is_same_v<detail::signature_of<decltype(add), int, procpool::keyword_argument<"b", float>>,
                             detail::signature<double, double, double, double>>);
static_assert(detail::is_stateless_task<decltype(add)>);
static_assert(detail::task_like<decltype(add)>);

} // namespace

BOOST_AUTO_TEST_SUITE(keyword_calls)

BOOST_AUTO_TEST_CASE(keywords_come_in_any_order) {
    BOOST_TEST(call(add, "b"_arg = 2, "a"_arg = 1) == 31.0);
    BOOST_TEST(call(add, "seconds"_arg = 3, "b"_arg = 2, "a"_arg = 1) == 321.0);
}

BOOST_AUTO_TEST_CASE(positions_come_before_keywords) {
    BOOST_TEST(call(add, 1, 2, 3) == 321.0);
    BOOST_TEST(call(add, 1, 2) == 31.0);
    BOOST_TEST(call(add, 1, "seconds"_arg = 3, "b"_arg = 2) == 321.0);
    BOOST_TEST(call(add, 1, "b"_arg = 2L) == 31.0);
}

BOOST_AUTO_TEST_CASE(a_default_need_not_be_the_last) {
    constexpr auto task = keywords<weighted>("a"_arg = 1, "b"_arg, "seconds"_arg = 3);
    BOOST_TEST(call(task, "b"_arg = 2) == 321.0);
    BOOST_TEST(call(task, 5, 2) == 325.0);
}

BOOST_AUTO_TEST_CASE(defaults_convert_to_their_parameters) {
    constexpr auto task = keywords<greet>("greeting"_arg = "Good day", "name"_arg = "you", "times"_arg = 2);
    BOOST_TEST(call(task) == "Good day you!!");
    BOOST_TEST(call(task, "name"_arg = std::string("Ada")) == "Good day Ada!!");
    BOOST_TEST(call(task, "times"_arg = std::nullopt, "greeting"_arg = "Hi") == "Hi you");
}

BOOST_AUTO_TEST_CASE(a_default_lives_as_long_as_its_task) {
    const auto task = [] {
        std::string greeting = "A greeting that is too long for a small string";
        const char name[] = "somebody";
        return keywords<greet>("greeting"_arg = greeting, "name"_arg = name,
                               "times"_arg = std::optional<int>());
    }();
    BOOST_TEST(call(task) == "A greeting that is too long for a small string somebody");
    BOOST_TEST(call(task) == "A greeting that is too long for a small string somebody");
}

BOOST_AUTO_TEST_CASE(a_view_parameter_may_have_a_default) {
    const auto task = keywords<total>("numbers"_arg = std::vector<int>{1, 2, 3}, "factor"_arg = 1);
    BOOST_TEST(call(task) == 6);
    BOOST_TEST(call(task, "factor"_arg = 2) == 12);
    BOOST_TEST(call(task, "factor"_arg = 2, "numbers"_arg = std::vector<int>{5}) == 10);
    const int few[] = {1, 2};
    BOOST_TEST(call(keywords<total>("numbers"_arg = few, "factor"_arg = 3)) == 9);
}

BOOST_AUTO_TEST_CASE(keyword_arguments_may_be_move_only) {
    constexpr auto task = keywords<number_in>("number"_arg, "plus"_arg = 1);
    std::unique_ptr<int> kept = std::make_unique<int>(5);
    BOOST_TEST(call(task, "plus"_arg = 2, "number"_arg = std::make_unique<int>(1)) == 3);
    BOOST_TEST(call(task, "number"_arg = kept) == 6);
    BOOST_TEST(*kept == 5);
}

BOOST_AUTO_TEST_CASE(a_keyword_argument_may_name_a_variable) {
    const double a = 1;
    int b = 2;
    BOOST_TEST(call(add, "a"_arg = a, "b"_arg = b) == 31.0);
}

BOOST_AUTO_TEST_CASE(a_function_without_parameters_has_no_names) {
    BOOST_TEST(call(keywords<answer>()) == 42);
}

BOOST_AUTO_TEST_CASE(items_fill_parameters_by_position_and_defaults_the_rest) {
    BOOST_TEST(call_spread(add, std::tuple(1, 2)) == 31.0);
    BOOST_TEST(call_spread(add, std::tuple(1, 2, 3)) == 321.0);
    BOOST_TEST(call(keywords<weighted>("a"_arg, "b"_arg = 0, "seconds"_arg = 0), 7) == 7.0);
}

BOOST_AUTO_TEST_CASE(a_task_with_keywords_has_the_name_of_its_function) {
    BOOST_TEST(detail::task_name<decltype(add)>().ends_with("weighted"));
}

BOOST_AUTO_TEST_CASE(defaults_do_not_travel_with_the_task) {
    detail::heap_encoder payload;
    detail::encode_function(payload, add);
    BOOST_TEST(payload.size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

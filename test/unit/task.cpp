// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/task.hpp>

#include "support/task_call.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using procpool::by_value;
using procpool::fn;
using procpool::test::call;
using procpool::test::call_spread;
namespace detail = procpool::detail;

namespace space {

double weigh(double a, float b, std::int8_t c) {
    return a + static_cast<double>(b) + c;
}
int twice(int n) noexcept {
    return 2 * n;
}
std::string twice(const std::string& text) {
    return text + text;
}
std::string join(const std::string& a, std::string b, std::string&& c) {
    return a + b + c;
}
double total(std::span<const double> numbers, std::string_view name) {
    double sum = static_cast<double>(name.size());
    for (const double number : numbers)
        sum += number;
    return sum;
}
int fixed_span(std::span<const int, 2> numbers) {
    return numbers[0] * numbers[1];
}
int count = 0;
void increase(int by) {
    count += by;
}
const std::string& longer(const std::string& a, const std::string& b) {
    return a.size() < b.size() ? b : a;
}
std::unique_ptr<int> next(std::unique_ptr<int> number) {
    ++*number;
    return number;
}
std::size_t lengths(std::vector<std::unique_ptr<std::string>>&& texts) {
    std::size_t sum = 0;
    for (const auto& text : texts)
        sum += text->size();
    return sum;
}
int nothing() {
    return 17;
}
template <class T>
T negate(T value) {
    return -value;
}
struct tools {
    static int square(int n) { return n * n; }
};
int first(std::tuple<int, int> pair) {
    return std::get<0>(pair);
}
bool is_set(bool flag) {
    return flag;
}

} // namespace space

namespace {

struct scale {
    double factor;
    double operator()(double x) const { return factor * x; }
};
struct prefix {
    std::string text;
    std::vector<std::string> operator()(std::vector<std::string> words) const {
        for (std::string& word : words)
            word.insert(0, text);
        return words;
    }
};
struct describe {
    std::string operator()(int) const { return "int"; }
    std::string operator()(double) const { return "double"; }
    std::string operator()(const std::string&) const { return "string"; }
};
struct final_object final {
    int operator()(int n) const noexcept { return n + 1; }
};
struct ref_qualified {
    int operator()(int n) const& { return n + 2; }
};
struct ref_qualified_noexcept {
    int operator()(int n) const& noexcept { return n + 3; }
};
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;
struct metres {
    int count;
    metres(int n) : count(n) {}
};
int length_of(metres length) {
    return length.count;
}

template <class Expected, class Task, class... Arguments>
constexpr bool has_signature = std::is_same_v<detail::signature_of<Task, Arguments...>, Expected>;

using weigh_task = decltype(fn<space::weigh>);
static_assert(
    has_signature<detail::signature<double, double, float, std::int8_t>, weigh_task, int, long, char>);
static_assert(has_signature<detail::signature<int>, decltype(fn<space::nothing>)>);
static_assert(has_signature<detail::signature<void, int>, decltype(fn<space::increase>), short>);
static_assert(has_signature<detail::signature<std::string, std::string, std::string>,
                            decltype(fn<space::longer>), const char (&)[2], std::string&>);
static_assert(has_signature<detail::signature<double, std::span<const double>, std::string_view>,
                            decltype(fn<space::total>), std::vector<double>&, const char (&)[4]>);
static_assert(has_signature<detail::signature<double, double>, scale, int>);
static_assert(has_signature<detail::signature<std::string, short>, describe, const short&>);
static_assert(std::is_same_v<detail::signature_of_tuple<weigh_task, const std::array<int, 3>&>,
                             detail::signature<double, double, float, std::int8_t>>);

static_assert(detail::is_stateless_task<weigh_task> && detail::is_stateless_task<final_object>);
static_assert(detail::is_stateless_task<decltype([](int n) { return n; })>);
static_assert(!detail::is_stateless_task<scale>);

template <class... Params>
using taking = detail::signature<void, Params...>;
static_assert(detail::has_fixed_arguments<taking<>> && detail::fixed_arguments_size<taking<>> == 0);
static_assert(detail::has_fixed_arguments<taking<int, double>>);
static_assert(detail::fixed_arguments_size<taking<int, double>> == sizeof(int) + sizeof(double));
static_assert(!detail::has_fixed_arguments<taking<int, std::string>>);
static_assert(!detail::has_fixed_arguments<taking<std::string_view>>);
static_assert(detail::argument_alignment<taking<int, double>> == 1);
static_assert(detail::argument_alignment<taking<std::string_view, std::span<const double>>> ==
              alignof(double));

static_assert(detail::task_like<scale> && detail::task_like<describe&> && detail::task_like<final_object>);
static_assert(detail::task_like<decltype([](auto) {})> && detail::task_like<int (*)(int)>);
static_assert(detail::task_like<int (&)(int)> && detail::task_like<std::function<void()>>);
static_assert(detail::task_like<weigh_task> && detail::task_like<int (std::string::*)()>);
static_assert(!detail::task_like<int> && !detail::task_like<std::string> && !detail::task_like<metres>);

} // namespace

BOOST_AUTO_TEST_SUITE(task)

BOOST_AUTO_TEST_CASE(arguments_convert_to_the_parameters_of_a_function) {
    BOOST_TEST(call(fn<space::weigh>, 1, 2L, 3.9) == 6.0);
    BOOST_TEST(call(fn<space::is_set>, 2));
    BOOST_TEST(call(fn<space::negate<int>>, 2.5) == -2);
    BOOST_TEST(call(fn<length_of>, 4L) == 4);
    BOOST_TEST(call(fn<space::nothing>) == 17);
}

BOOST_AUTO_TEST_CASE(an_overload_is_chosen_by_a_cast) {
    BOOST_TEST(call(fn<static_cast<int (*)(int) noexcept>(space::twice)>, 4) == 8);
    BOOST_TEST(call(fn<static_cast<int (*)(int)>(space::twice)>, 4) == 8);
    BOOST_TEST(call(fn<static_cast<std::string (*)(const std::string&)>(space::twice)>, "ab") == "abab");
}

BOOST_AUTO_TEST_CASE(a_static_member_function_is_a_task) {
    BOOST_TEST(call(fn<&space::tools::square>, 5) == 25);
    BOOST_TEST(call(fn<space::tools::square>, 5) == 25);
}

BOOST_AUTO_TEST_CASE(a_function_may_take_values_and_references) {
    const std::string a = "a";
    std::string b = "b";
    BOOST_TEST(call(fn<space::join>, a, b, "c") == "abc");
    BOOST_TEST(call(fn<space::join>, std::string("a"), "b", b) == "abb");
    BOOST_TEST(b == "b");
}

BOOST_AUTO_TEST_CASE(a_result_that_refers_to_an_argument_comes_back_by_value) {
    BOOST_TEST(call(fn<space::longer>, "long", "longer") == "longer");
}

BOOST_AUTO_TEST_CASE(a_task_may_return_nothing) {
    space::count = 0;
    call(fn<space::increase>, 3);
    BOOST_TEST(space::count == 3);
    call([](int n) { space::count -= n; }, 2);
    BOOST_TEST(space::count == 1);
}

BOOST_AUTO_TEST_CASE(a_view_parameter_takes_whatever_converts_to_the_view) {
    const std::vector<double> numbers{1, 2, 3};
    const double plain[] = {1, 2};
    BOOST_TEST(call(fn<space::total>, numbers, "four") == 10.0);
    BOOST_TEST(call(fn<space::total>, std::array<double, 1>{7}, std::string("a")) == 8.0);
    BOOST_TEST(call(fn<space::total>, plain, std::string_view("ab")) == 5.0);
    BOOST_TEST(call(fn<space::total>, std::span<const double>(), "") == 0.0);
    BOOST_TEST(call(fn<space::fixed_span>, std::array<int, 2>{3, 4}) == 12);
}

BOOST_AUTO_TEST_CASE(a_view_looks_into_the_payload) {
    const auto task = [](std::span<const double> all, std::string_view text) {
        return std::pair(reinterpret_cast<std::uintptr_t>(all.data()),
                         reinterpret_cast<std::uintptr_t>(text.data()));
    };
    using signature = detail::signature_of<decltype(task), std::vector<double>, const char(&)[4]>;
    detail::heap_encoder payload;
    detail::encode_arguments<signature>(payload, task, std::vector<double>{1, 2}, "abc");
    const auto base = reinterpret_cast<std::uintptr_t>(payload.bytes().data());
    const auto end = base + payload.bytes().size();

    const auto [numbers, text] = procpool::test::run<signature, decltype(task)>(payload);

    BOOST_TEST((base < numbers && numbers < end));
    BOOST_TEST((numbers < text && text < end));
    BOOST_TEST(numbers % alignof(double) == 0U);
}

BOOST_AUTO_TEST_CASE(move_only_arguments_and_results_travel) {
    BOOST_TEST(*call(fn<space::next>, std::make_unique<int>(1)) == 2);
    std::unique_ptr<int> kept = std::make_unique<int>(5);
    BOOST_TEST(*call(fn<space::next>, kept) == 6);
    BOOST_TEST(*kept == 5);

    std::vector<std::unique_ptr<std::string>> texts;
    texts.push_back(std::make_unique<std::string>("abc"));
    texts.push_back(std::make_unique<std::string>("de"));
    BOOST_TEST(call(fn<space::lengths>, std::move(texts)) == 5U);
    BOOST_TEST(
        *call([](auto&& number) { return std::make_unique<int>(*number); }, std::make_unique<int>(3)) == 3);
}

BOOST_AUTO_TEST_CASE(a_captureless_lambda_is_a_task) {
    BOOST_TEST(call([](int n) { return n * n; }, 7.9) == 49);
    BOOST_TEST(call([](const std::string& a, std::string b) { return a + b; }, "x", "y") == "xy");
    BOOST_TEST(call([](std::span<const int> all) { return all.size(); }, std::vector<int>(3)) == 3U);
    BOOST_TEST(call([]() noexcept { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_generic_lambda_takes_the_decayed_arguments) {
    const std::vector<int> numbers{1, 2, 3};
    BOOST_TEST(call([](const auto& all) { return all.size(); }, numbers) == 3U);
    BOOST_TEST(call([](auto a, auto&& b) { return a + b; }, 1, 0.5) == 1.5);
    BOOST_TEST(call([](auto... all) { return (0 + ... + all); }, 1, 2, 3) == 6);
    BOOST_TEST(call([](int first, auto second) { return first + second; }, 1, 2) == 3);
}

BOOST_AUTO_TEST_CASE(a_built_in_string_reaches_a_generic_lambda_as_a_string) {
    const auto task = [](auto text) {
        return text + "!";
    };
    static_assert(
        has_signature<detail::signature<std::string, std::string>, decltype(task), const char(&)[3]>);
    BOOST_TEST(call(task, "hi") == "hi!");
}

BOOST_AUTO_TEST_CASE(a_span_reaches_a_generic_lambda_as_a_view) {
    std::vector<int> numbers{1, 2, 3};
    const auto task = [](auto all) {
        return static_cast<int>(all.size()) + all.back();
    };
    static_assert(
        has_signature<detail::signature<int, std::span<const int>>, decltype(task), std::span<int>>);
    BOOST_TEST(call(task, std::span<int>(numbers)) == 6);
}

BOOST_AUTO_TEST_CASE(the_state_of_a_function_object_travels) {
    BOOST_TEST(call(scale{2.5}, 2) == 5.0);
    const auto words = call(prefix{"un"}, std::vector<std::string>{"do", "tie"});
    BOOST_TEST(words == (std::vector<std::string>{"undo", "untie"}), boost::test_tools::per_element());
    BOOST_TEST(call(final_object{}, 1) == 2);
    BOOST_TEST(call(ref_qualified{}, 1) == 3);
    BOOST_TEST(call(ref_qualified_noexcept{}, 1) == 4);
}

BOOST_AUTO_TEST_CASE(the_arguments_choose_an_overload_of_operator_call) {
    BOOST_TEST(call(describe{}, 1) == "int");
    BOOST_TEST(call(describe{}, 1.0F) == "double");
    BOOST_TEST(call(describe{}, "text") == "string");
    const overloaded both{[](int) { return 1; },
                          [](const std::string&) {
                              return 2;
                          }};
    BOOST_TEST(call(both, 5) == 1);
    BOOST_TEST(call(both, "text") == 2);
}

BOOST_AUTO_TEST_CASE(by_value_sends_trivially_copyable_captures) {
    const double factor = 1.5;
    const std::array<int, 3> offsets{1, 2, 3};
    const auto task =
        by_value([factor, offsets](double x, std::size_t at) { return factor * x + offsets[at]; });
    BOOST_TEST(call(task, 2, 1) == 5.0);
    BOOST_TEST(call(by_value([factor](const auto& x) { return factor * x; }), 4) == 6.0);
    BOOST_TEST(call(by_value([](int n) { return n; }), 4) == 4);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_task_without_state_are_none) {
    detail::heap_encoder payload;
    detail::encode_function(payload, fn<space::nothing>);
    detail::encode_function(payload, [](int n) { return n; });
    detail::encode_function(payload, by_value([](int n) { return n; }));
    BOOST_TEST(payload.size() == 0U);
    detail::encode_function(payload, scale{1});
    BOOST_TEST(payload.size() == sizeof(double));
}

BOOST_AUTO_TEST_CASE(a_tuple_like_is_spread_over_the_parameters) {
    BOOST_TEST(call_spread(fn<space::weigh>, std::tuple(1, 2.0, 3L)) == 6.0);
    BOOST_TEST(call_spread(fn<space::weigh>, std::array<int, 3>{1, 2, 3}) == 6.0);
    BOOST_TEST(call_spread([](int a, const std::string& b) { return b + std::to_string(a); },
                           std::pair(1, "n")) == "n1");
    BOOST_TEST(call_spread([](auto a, auto b) { return a - b; }, std::pair(5, 3)) == 2);
    BOOST_TEST(call_spread(fn<space::nothing>, std::tuple<>()) == 17);
    const std::tuple<std::unique_ptr<int>> held{std::make_unique<int>(1)};
    BOOST_TEST(*call_spread(fn<space::next>, held) == 2);
}

BOOST_AUTO_TEST_CASE(a_tuple_can_itself_be_the_argument) {
    BOOST_TEST(call(fn<space::first>, std::tuple(1, 2)) == 1);
    BOOST_TEST(call(fn<space::first>, std::pair(3, 4)) == 3);
    BOOST_TEST(call_spread(fn<space::first>, std::make_tuple(std::tuple(5, 6))) == 5);
    BOOST_TEST(call([](auto pair) { return std::get<1>(pair); }, std::tuple(1, 2)) == 2);
    BOOST_TEST(
        call([](std::optional<std::vector<int>> maybe) { return maybe->size(); }, std::vector<int>{1}) == 1U);
}

BOOST_AUTO_TEST_CASE(a_task_is_named_as_it_is_written) {
    BOOST_TEST(detail::task_name<weigh_task>() == "space::weigh");
    BOOST_TEST(detail::task_name<decltype(fn<static_cast<int (*)(int)>(&space::twice)>)>() == "space::twice");
    BOOST_TEST(detail::task_name<decltype(fn<&space::tools::square>)>() == "space::tools::square");
    BOOST_TEST(detail::task_name<const decltype(fn<space::nothing>)&>() == "space::nothing");
    BOOST_TEST(detail::task_name<describe>().ends_with("describe"));
    const auto lambda = [](int n) {
        return n;
    };
    BOOST_TEST(detail::task_name<decltype(lambda)>().find("lambda") != std::string_view::npos);
    BOOST_TEST(detail::task_name<decltype(by_value(lambda))>() == detail::task_name<decltype(lambda)>());
}

BOOST_AUTO_TEST_CASE(a_lambda_is_told_from_a_class_that_holds_one) {
    const auto lambda = [](int n) {
        return n;
    };
    const auto generic = [](const auto& n) {
        return n;
    };
    BOOST_TEST(detail::is_lambda<std::remove_const_t<decltype(lambda)>>());
    BOOST_TEST(detail::is_lambda<std::remove_const_t<decltype(generic)>>());
    BOOST_TEST(!detail::is_lambda<std::vector<std::remove_const_t<decltype(lambda)>>>());
    BOOST_TEST(!detail::is_lambda<describe>());
}

BOOST_AUTO_TEST_SUITE_END()

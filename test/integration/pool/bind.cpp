// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/run_bound.hpp"

#include <procpool/procpool.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// A task and its arguments are stored when they are bound, and run like any other call.
namespace {

using procpool::test::run;
using namespace procpool::literals;

std::string join(const std::vector<std::string>& parts, const std::string& with) {
    std::string out;
    for (const auto& each : parts)
        out += each + with;
    return out;
}

double slow_add(double a, double b, double factor) {
    return factor * (a + b);
}

std::size_t sum(std::span<const std::size_t> numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::size_t{0});
}

std::size_t length(std::string_view text) {
    return text.size();
}

std::string fail(const std::string& why) {
    throw std::invalid_argument(why);
}

struct scale {
    double factor = 1;
    std::vector<double> offsets{};
    double operator()(double x, std::size_t at) const { return factor * x + offsets.at(at); }
};

struct capricious {
    int number = 0;
};

} // namespace

template <>
struct procpool::codec<capricious> {
    static void encode(encoder& out, const capricious& value) {
        if (value.number < 0)
            throw std::domain_error("negative ones do not travel");
        out.write(value.number);
    }
    static capricious decode(decoder& in) { return {in.read<int>()}; }
};

namespace {

int number_of(const capricious& value) {
    return value.number;
}

// Bound before main, when other tasks may not have been registered yet.
const auto difference = procpool::bind([](int a, int b) { return a - b; }, 50, 8);
const auto product = procpool::bind([](int a, int b) { return a * b; }, 50, 8);

} // namespace

BOOST_FIXTURE_TEST_SUITE(bound_tasks, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(arguments_are_those_of_the_time_of_binding) {
    procpool::pool pool(1);
    auto parts = std::make_unique<std::vector<std::string>>(3, "part");
    auto with = std::make_unique<std::string>(", ");
    const auto bound = procpool::bind(procpool::fn<join>, *parts, *with);
    parts->front() = "changed";
    *with = "changed";
    BOOST_TEST(run(pool, bound) == "part, part, part, ");
    parts.reset();
    with.reset();
    BOOST_TEST(run(pool, bound) == "part, part, part, ");
}

BOOST_AUTO_TEST_CASE(views_are_bound_with_what_they_show) {
    procpool::pool pool(1);
    std::vector<std::size_t> few{1, 2, 3};
    std::vector<std::size_t> many(1'000'000, 2); // more than a ring holds
    std::string text(100, 'x');
    const auto of_few = procpool::bind(procpool::fn<sum>, few);
    const auto of_many = procpool::bind(procpool::fn<sum>, std::span<const std::size_t>(many));
    const auto of_text = procpool::bind(procpool::fn<length>, std::string_view(text));
    const auto of_literal = procpool::bind(procpool::fn<length>, "four");
    few.assign(3, 99);
    many = {};
    text = {};
    for (int round = 0; round != 3; ++round) {
        BOOST_TEST(run(pool, of_few) == 6U);
        BOOST_TEST(run(pool, of_many) == 2'000'000U);
        BOOST_TEST(run(pool, of_text) == 100U);
        BOOST_TEST(run(pool, of_literal) == 4U);
    }
}

BOOST_AUTO_TEST_CASE(arguments_are_converted_to_what_the_task_takes) {
    procpool::pool pool(1);
    BOOST_TEST(run(pool, procpool::bind(procpool::fn<slow_add>, 1, 2.5F, short{2})) == 7.0);
    BOOST_TEST(run(pool, procpool::bind([](const std::unique_ptr<int>& n) { return *n + 1; },
                                        std::make_unique<int>(41))) == 42);
}

BOOST_AUTO_TEST_CASE(keywords_are_bound_in_any_order_with_defaults) {
    procpool::pool pool(1);
    constexpr auto add = procpool::keywords<slow_add>("a"_arg, "b"_arg, "factor"_arg = 10.0);
    BOOST_TEST(run(pool, procpool::bind(add, "b"_arg = 2, "a"_arg = 1)) == 30.0);
    BOOST_TEST(run(pool, procpool::bind(add, 1, "factor"_arg = 2.0, "b"_arg = 4)) == 10.0);
    BOOST_TEST(run(pool, procpool::bind(add, 1, 2, 3)) == 9.0);
}

BOOST_AUTO_TEST_CASE(a_function_object_is_bound_with_its_state) {
    procpool::pool pool(1);
    scale by{3, {0, 0.5}};
    const auto bound = procpool::bind(by, 2, 1);
    by = {};
    BOOST_TEST(run(pool, bound) == 6.5);
    int offset = 40;
    const auto captured = procpool::bind(procpool::by_value([offset](int n) { return n + offset; }), 2);
    offset = 0;
    BOOST_TEST(run(pool, captured) == 42);
}

BOOST_AUTO_TEST_CASE(one_runs_as_often_as_one_likes_in_any_pool) {
    const auto bound = procpool::bind(procpool::fn<join>, std::vector<std::string>{"a", "b"}, "-");
    procpool::pool first(2);
    procpool::pool second(1);
    for (int i = 0; i != 20; ++i) {
        BOOST_TEST(run(first, bound) == "a-b-");
        BOOST_TEST(run(second, bound) == "a-b-");
    }
}

BOOST_AUTO_TEST_CASE(copies_outlive_the_original) {
    procpool::pool pool(1);
    auto original =
        std::make_optional(procpool::bind(procpool::fn<join>, std::vector<std::string>{"a"}, "!"));
    const auto copy = *original;
    std::vector several(3, copy);
    original.reset();
    auto other = procpool::bind(procpool::fn<join>, std::vector<std::string>{"b"}, "?");
    several[1] = other;
    other = copy;
    BOOST_TEST(run(pool, copy) == "a!");
    BOOST_TEST(run(pool, several[0]) == "a!");
    BOOST_TEST(run(pool, several[1]) == "b?");
    BOOST_TEST(run(pool, other) == "a!");
}

BOOST_AUTO_TEST_CASE(results_can_be_dropped) {
    using procpool::bound_task;
    static_assert(std::same_as<decltype(procpool::bind(procpool::fn<length>, "")), bound_task<std::size_t>>);
    static_assert(std::same_as<decltype(procpool::bind([] {})), bound_task<void>>);
    static_assert(std::convertible_to<bound_task<std::size_t>, bound_task<void>>);
    static_assert(std::convertible_to<bound_task<std::string>, bound_task<void>>);
    static_assert(std::convertible_to<bound_task<std::string>, std::optional<bound_task<void>>>);
    static_assert(!std::convertible_to<bound_task<void>, bound_task<int>>);
    static_assert(!std::convertible_to<bound_task<std::size_t>, bound_task<int>>);
    static_assert(std::copyable<bound_task<int>>);

    procpool::pool pool(1);
    const auto big = procpool::bind([](std::size_t n) { return std::string(n, 'x'); }, 3'000'000);
    const bound_task<void> dropped = big;
    for (int i = 0; i != 10; ++i)
        BOOST_CHECK_NO_THROW(run(pool, dropped));
    BOOST_TEST(run(pool, big).size() == 3'000'000U);
    bound_task<void> other = procpool::bind([] {});
    other = procpool::bind(procpool::fn<fail>, "dropped, but not unheard");
    BOOST_CHECK_THROW(run(pool, other), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_encoding_throws_comes_from_bind) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(static_cast<void>(procpool::bind(procpool::fn<number_of>, capricious{-1})),
                      std::domain_error);
    BOOST_TEST(run(pool, procpool::bind(procpool::fn<number_of>, capricious{7})) == 7);
}

BOOST_AUTO_TEST_CASE(what_the_task_throws_says_which_task_it_was) {
    procpool::pool pool(1);
    const auto bound = procpool::bind(procpool::fn<fail>, "no");
    for (int i = 0; i != 2; ++i) {
        try {
            run(pool, bound);
            BOOST_ERROR("nothing was thrown");
        } catch (const std::invalid_argument& caught) {
            BOOST_TEST(caught.what() == "no");
            const auto* const info = procpool::get_remote_info(caught);
            BOOST_REQUIRE(info != nullptr);
            BOOST_TEST(info->task_name.find("fail") != std::string::npos, info->task_name);
            BOOST_TEST(info->worker_pid == pool.workers()[0].pid.value());
        }
    }
}

BOOST_AUTO_TEST_CASE(binding_before_main_binds_the_right_tasks) {
    procpool::pool pool(1);
    BOOST_TEST(run(pool, difference) == 42);
    BOOST_TEST(run(pool, product) == 400);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

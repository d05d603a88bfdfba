// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

// Single calls: their arguments and results.
using namespace procpool::literals;

namespace {

int add(int a, int b) {
    return a + b;
}

std::string weigh(const std::string& what, double weight, int times) {
    return what + ':' + std::to_string(static_cast<int>(weight * times));
}

std::unique_ptr<int> twice(std::unique_ptr<int> value) {
    return std::make_unique<int>(2 * *value);
}

std::string consume(std::string&& text) {
    std::string taken = std::move(text);
    return taken + '!';
}

struct big {
    std::array<std::uint64_t, 4096> numbers{};
    std::string name;
    std::vector<std::vector<int>> rows;

    friend bool operator==(const big&, const big&) = default;
};

big turn_around(big value) {
    std::reverse(value.numbers.begin(), value.numbers.end());
    std::reverse(value.name.begin(), value.name.end());
    std::reverse(value.rows.begin(), value.rows.end());
    return value;
}

struct scale {
    double factor;
    double operator()(double x) const { return factor * x; }
};

struct phrase {
    std::vector<std::string> words;
    std::string operator()(std::size_t from, std::size_t count) const {
        std::string out;
        for (std::size_t i = from; i != from + count; ++i)
            out += words.at(i) + ' ';
        return out;
    }
};

/// Has no default constructor.
struct meters {
    explicit meters(int v) : value(v) {}
    int value;
    friend bool operator==(const meters&, const meters&) = default;
};

void do_nothing() {}

} // namespace

template <>
struct procpool::codec<meters> {
    static void encode(encoder& out, const meters& value) { out.write(value.value); }
    static meters decode(decoder& in) { return meters(in.read<int>()); }
};

BOOST_FIXTURE_TEST_SUITE(apply, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_call_runs_in_another_process) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply([] { return procpool::test::own_pid(); }) != procpool::test::own_pid());
    BOOST_TEST(pool.apply([] { return procpool::this_worker::active(); }));
    BOOST_TEST(!procpool::this_worker::active());
}

BOOST_AUTO_TEST_CASE(a_function_is_called_with_its_arguments) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply(procpool::fn<add>, 2, 40) == 42);
    BOOST_TEST(pool.apply_async(procpool::fn<add>, 2, 40).get() == 42);
    // The arguments are converted to the parameters of the function before they are sent.
    BOOST_TEST(pool.apply(procpool::fn<weigh>, "apples", 2, 3L) == "apples:6");
}

BOOST_AUTO_TEST_CASE(named_arguments_are_put_in_their_places) {
    procpool::pool pool(2);
    constexpr auto task = procpool::keywords<weigh>("what"_arg, "weight"_arg = 1.5, "times"_arg = 10);
    BOOST_TEST(pool.apply(task, "pears") == "pears:15");
    BOOST_TEST(pool.apply(task, "times"_arg = 2, "what"_arg = "pears") == "pears:3");
    BOOST_TEST(pool.apply_async(task, "pears", "weight"_arg = 3.0).get() == "pears:30");
}

BOOST_AUTO_TEST_CASE(lambdas_are_tasks) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply([](int n) { return n * n; }, 12) == 144);
    const auto plus = [](auto a, auto b) {
        return a + b;
    };
    BOOST_TEST(pool.apply(plus, 1, 2) == 3);
    BOOST_TEST(pool.apply(plus, std::string("a"), std::string("b")) == "ab");
    BOOST_TEST(pool.apply(plus, 0.5, 1) == 1.5);
    const auto sum = [](auto... each) {
        return (each + ... + 0);
    };
    BOOST_TEST(pool.apply(sum) == 0);
    BOOST_TEST(pool.apply(sum, 1, 2, 3, 4) == 10);
}

BOOST_AUTO_TEST_CASE(function_objects_travel_with_their_members) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply(scale{2.5}, 4.0) == 10.0);
    BOOST_TEST(pool.apply(phrase{{"so", "long", "and", "thanks"}}, 1U, 2U) == "long and ");
    const phrase many{std::vector<std::string>(20'000, "word")};
    BOOST_TEST(pool.apply(many, 19'998U, 2U) == "word word ");
    int k = 7;
    BOOST_TEST(pool.apply(procpool::by_value([k](int n) { return k * n; }), 6) == 42);
}

BOOST_AUTO_TEST_CASE(a_task_may_return_nothing) {
    procpool::pool pool(2);
    pool.apply(procpool::fn<do_nothing>);
    const auto result = pool.apply_async([](int) {}, 1);
    result.get();
    result.get();
    BOOST_TEST(result.successful());
    static_assert(std::is_void_v<decltype(pool.apply(procpool::fn<do_nothing>))>);
}

BOOST_AUTO_TEST_CASE(what_can_only_be_moved_is_moved) {
    procpool::pool pool(2);
    BOOST_TEST(*pool.apply(procpool::fn<twice>, std::make_unique<int>(21)) == 42);
    auto result = pool.apply_async(procpool::fn<twice>, std::make_unique<int>(4));
    BOOST_TEST(*result.get() == 8); // does not move the value out
    const std::unique_ptr<int> taken = std::move(result).get();
    BOOST_TEST(*taken == 8);
}

BOOST_AUTO_TEST_CASE(a_parameter_that_takes_over_gets_an_object_of_its_own) {
    procpool::pool pool(1);
    std::string text(300, 'x');
    BOOST_TEST(pool.apply(procpool::fn<consume>, text) == text + '!');
    BOOST_TEST(text == std::string(300, 'x'));
    BOOST_TEST(pool.apply(procpool::fn<consume>, std::move(text)).size() == 301U);
}

BOOST_AUTO_TEST_CASE(big_structures_keep_every_byte) {
    procpool::pool pool(2);
    big value;
    std::iota(value.numbers.begin(), value.numbers.end(), 1);
    value.name.assign("a name with a \0 in it", 21);
    value.rows = {{}, {1}, {2, 3}, std::vector<int>(10'000, 9)};
    big expected = value;
    expected = turn_around(expected);
    BOOST_TEST((pool.apply(procpool::fn<turn_around>, value) == expected));
}

BOOST_AUTO_TEST_CASE(the_standard_library_travels) {
    procpool::pool pool(2);
    using shelf = std::map<std::string, std::vector<std::optional<double>>>;
    const shelf books{{"", {}}, {"a", {std::nullopt, 1.5}}, {std::string(5000, 'b'), {2.0}}};
    BOOST_TEST((pool.apply([](shelf s) { return s; }, books) == books));
    using either = std::variant<int, std::string>;
    BOOST_TEST((pool.apply([](const either& e) { return e; }, either("text")) == either("text")));
    using many = std::tuple<int, std::pair<bool, std::string>, std::array<char, 3>>;
    const many some{1, {true, "x"}, {'a', 'b', 'c'}};
    BOOST_TEST((pool.apply([](many m) { return m; }, some) == some));
    BOOST_TEST(
        pool.apply([](const std::shared_ptr<int>& p) { return p ? *p : -1; }, std::make_shared<int>(5)) == 5);
    BOOST_TEST(pool.apply([](std::shared_ptr<int> p) { return p == nullptr; }, std::shared_ptr<int>()));
}

BOOST_AUTO_TEST_CASE(a_result_need_have_no_default) {
    procpool::pool pool(1);
    BOOST_TEST((pool.apply([](int n) { return meters(n); }, 3) == meters(3)));
}

BOOST_AUTO_TEST_CASE(a_bool_comes_back_as_it_was) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply([](int n) { return n > 3; }, 4));
    BOOST_TEST(!pool.apply([](int n) { return n > 3; }, 3));
}

BOOST_AUTO_TEST_CASE(ten_thousand_calls_each_have_their_own_result) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<std::int64_t>> results;
    for (std::int64_t i = 0; i != 10'000; ++i)
        results.push_back(pool.apply_async([](std::int64_t n) { return n * n; }, i));
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i != 10'000; ++i)
        wrong += results[static_cast<std::size_t>(i)].get() != i * i;
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(what_a_call_was_given_may_be_destroyed_at_once) {
    procpool::pool pool(1);
    std::vector<procpool::async_result<std::string>> results;
    for (int i = 0; i != 100; ++i) {
        const auto text = std::make_unique<std::string>(500 + static_cast<std::size_t>(i), 'a');
        const auto task = std::make_unique<phrase>(phrase{{*text}});
        results.push_back(pool.apply_async(*task, 0U, 1U));
    }
    for (std::size_t i = 0; i != results.size(); ++i)
        BOOST_TEST(results[i].get() == std::string(500 + i, 'a') + ' ');
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

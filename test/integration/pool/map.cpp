// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// map and starmap: every item has its result, in input order, for any chunk size.
using namespace procpool::literals;

namespace {

int square(int n) {
    return n * n;
}

double combine(double a, int b, const std::string& c) {
    return a + b + static_cast<double>(c.size());
}

struct no_default {
    explicit no_default(int v) : value(v) {}
    no_default(const no_default&) = delete;
    no_default(no_default&&) = default;
    no_default& operator=(const no_default&) = delete;
    no_default& operator=(no_default&&) = delete;
    int value;
};

struct shift {
    std::vector<int> by;
    int operator()(int n) const { return n + by.at(0); }
};

std::vector<int> numbers(int count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

std::vector<int> squares(int count) {
    auto out = numbers(count);
    for (int& each : out)
        each *= each;
    return out;
}

} // namespace

template <>
struct procpool::codec<no_default> {
    static void encode(encoder& out, const no_default& value) { out.write(value.value); }
    static no_default decode(decoder& in) { return no_default(in.read<int>()); }
};

BOOST_FIXTURE_TEST_SUITE(map, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_item_has_its_result_in_its_place) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 7, 8, 9, 63, 64, 65, 1000, 30'000}) {
        BOOST_TEST_INFO_SCOPE("items " << count);
        BOOST_TEST((pool.map(procpool::fn<square>, numbers(count)) == squares(count)));
        BOOST_TEST((pool.map_async(procpool::fn<square>, numbers(count)).get() == squares(count)));
    }
}

BOOST_AUTO_TEST_CASE(chunk_sizes_do_not_change_results) {
    procpool::pool pool(3);
    for (const std::size_t chunk : {1U, 3U, 999U, 1000U, 1001U, 4'000'000'000U})
        for (const int count : {0, 1, 3, 1000}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", items " << count);
            BOOST_TEST(
                (pool.map(procpool::fn<square>, numbers(count), {.chunk_size = chunk}) == squares(count)));
        }
}

BOOST_AUTO_TEST_CASE(a_chunk_of_nothing_is_refused) {
    procpool::pool pool(1);
    const procpool::map_options none{.chunk_size = 0};
    BOOST_CHECK_THROW(pool.map(procpool::fn<square>, numbers(3), none), std::invalid_argument);
    BOOST_CHECK_THROW(pool.map(procpool::fn<square>, numbers(0), none), std::invalid_argument);
    BOOST_CHECK_THROW(pool.map_async(procpool::fn<square>, numbers(3), none), std::invalid_argument);
    BOOST_CHECK_THROW(pool.starmap(procpool::fn<square>, std::vector<std::tuple<int>>{{1}}, none),
                      std::invalid_argument);
    BOOST_CHECK_THROW(pool.starmap_async(procpool::fn<square>, std::vector<std::tuple<int>>{{1}}, none),
                      std::invalid_argument);
    BOOST_TEST((pool.map(procpool::fn<square>, numbers(3)) == squares(3)));
}

BOOST_AUTO_TEST_CASE(an_empty_map_is_ready_at_once) {
    procpool::pool pool(1);
    const auto result = pool.map_async(procpool::fn<square>, std::vector<int>());
    BOOST_TEST(result.ready());
    BOOST_TEST(result.successful());
    BOOST_TEST(result.get().empty());
    const auto nothing = pool.map_async([](int) {}, std::vector<int>());
    BOOST_TEST(nothing.ready());
    nothing.get();
}

BOOST_AUTO_TEST_CASE(a_map_of_nothing_returned_returns_nothing) {
    procpool::pool pool(2);
    static_assert(std::is_void_v<decltype(pool.map([](int) {}, numbers(1)))>);
    pool.map([](int) {}, numbers(1000));
    pool.map_async([](int) {}, numbers(1000), {.chunk_size = 7}).get();
    pool.starmap([](int, int) {}, std::vector<std::pair<int, int>>(100));
}

BOOST_AUTO_TEST_CASE(results_may_be_bools) {
    procpool::pool pool(2);
    const std::vector<bool> odd =
        pool.map([](int n) { return n % 2 == 1; }, numbers(5000), {.chunk_size = 3});
    int wrong = 0;
    for (std::size_t i = 0; i != odd.size(); ++i)
        wrong += odd[i] != (i % 2 == 1);
    BOOST_TEST(odd.size() == 5000U);
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(results_may_have_no_default_and_no_copy) {
    procpool::pool pool(2);
    const std::vector<no_default> out = pool.map([](int n) { return no_default(n); }, numbers(300));
    BOOST_TEST(out.size() == 300U);
    BOOST_TEST(out[299].value == 299);
    const auto owned = pool.map([](int n) { return std::make_unique<int>(n); }, numbers(300));
    BOOST_TEST(*owned[299] == 299);
}

BOOST_AUTO_TEST_CASE(items_and_results_may_be_of_any_size) {
    procpool::pool pool(2);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i != 300; ++i)
        texts.emplace_back(i * i, static_cast<char>('a' + i % 26));
    const auto twice = [](const std::string& text) {
        return text + text;
    };
    for (const std::size_t chunk : {1U, 7U, 1000U}) {
        const auto out = pool.map(twice, texts, {.chunk_size = chunk});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i != texts.size(); ++i)
            wrong += out[i] != texts[i] + texts[i];
        BOOST_TEST(wrong == 0U);
    }
    BOOST_TEST((pool.map(twice, texts) == pool.map(twice, texts, {.chunk_size = 2})));
}

BOOST_AUTO_TEST_CASE(items_without_any_bytes_are_counted) {
    procpool::pool pool(2);
    const std::vector<std::tuple<>> calls(500);
    BOOST_TEST((pool.starmap([] { return 3; }, calls) == std::vector<int>(500, 3)));
    pool.starmap([] {}, calls, {.chunk_size = 9});
}

BOOST_AUTO_TEST_CASE(a_function_object_goes_with_every_chunk) {
    procpool::pool pool(2);
    const shift by_ten{std::vector<int>(1000, 10)};
    const auto out = pool.map(by_ten, numbers(500), {.chunk_size = 3});
    BOOST_TEST(out[0] == 10);
    BOOST_TEST(out[499] == 509);
    int k = 3;
    BOOST_TEST(pool.map(procpool::by_value([k](int n) { return n + k; }), numbers(10))[9] == 12);
}

BOOST_AUTO_TEST_CASE(starmap_spreads_tuples_pairs_and_arrays) {
    procpool::pool pool(2);
    const std::vector<std::tuple<double, int, std::string>> calls{{0.5, 1, ""}, {1.5, 2, "abc"}};
    BOOST_TEST((pool.starmap(procpool::fn<combine>, calls) == std::vector{1.5, 6.5}));
    BOOST_TEST((pool.starmap_async(procpool::fn<combine>, calls).get() == std::vector{1.5, 6.5}));
    const auto minus = [](int a, int b) {
        return a - b;
    };
    BOOST_TEST((pool.starmap(minus, std::vector<std::pair<int, int>>{{5, 3}, {1, 1}}) == std::vector{2, 0}));
    BOOST_TEST((pool.starmap(minus, std::vector<std::array<int, 2>>{{9, 3}}) == std::vector{6}));
    BOOST_TEST(pool.starmap(minus, std::vector<std::pair<int, int>>()).empty());
}

BOOST_AUTO_TEST_CASE(starmap_calls_named_parameters_by_position) {
    procpool::pool pool(2);
    constexpr auto task = procpool::keywords<combine>("a"_arg, "b"_arg, "c"_arg = "four");
    const std::vector<std::pair<int, int>> calls{{1, 2}, {3, 4}};
    BOOST_TEST((pool.starmap(task, calls) == std::vector{7.0, 11.0}));
}

BOOST_AUTO_TEST_CASE(items_that_can_only_be_moved_are_sent_by_their_content) {
    procpool::pool pool(2);
    std::vector<std::unique_ptr<int>> items;
    for (int i = 0; i != 50; ++i)
        items.push_back(std::make_unique<int>(i));
    const auto out = pool.map([](const std::unique_ptr<int>& p) { return *p; }, items);
    BOOST_TEST((out == numbers(50)));
}

BOOST_AUTO_TEST_CASE(maps_can_be_under_way_at_the_same_time) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<std::vector<int>>> results;
    for (int i = 0; i != 50; ++i)
        results.push_back(pool.map_async(procpool::fn<square>, numbers(i * 10)));
    for (int i = 49; i >= 0; --i)
        BOOST_TEST((results[static_cast<std::size_t>(i)].get() == squares(i * 10)));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

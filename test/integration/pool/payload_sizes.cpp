// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Arguments and results of every size: in the object, in a ring, in an arena, and larger than all buffers.
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::string text_of(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i != size; ++i)
        out[i] = static_cast<char>(i * 31 + i / 251);
    return out;
}

/// Sizes around every possible boundary, and some in between.
std::vector<std::size_t> interesting_sizes() {
    std::vector<std::size_t> out{0, 1, 2, 3};
    for (const std::size_t boundary : {16 * kib, 64 * kib, 128 * kib, 256 * kib, mib})
        for (const std::size_t less : {0U, 1U, 8U, 16U, 24U, 32U, 48U, 64U, 80U, 96U, 128U}) {
            out.push_back(boundary - less);
            out.push_back(boundary + less + 1);
        }
    for (std::size_t size = 4; size != 200; ++size)
        out.push_back(size);
    for (std::size_t size = 200; size < 70 * kib; size += 997)
        out.push_back(size);
    out.push_back(5 * mib);
    out.push_back(5 * mib + 13);
    return out;
}

/// FNV-1a: a digest of what arrived, in eight bytes.
std::uint64_t hash(std::string_view text) {
    std::uint64_t out = 0xcbf2'9ce4'8422'2325;
    for (const char c : text)
        out = (out ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    return out;
}

std::string echo(std::string text) {
    return text;
}

std::string make_text(std::size_t size) {
    return text_of(size);
}

struct view_facts {
    std::size_t size = 0;
    double sum = 0;
    bool aligned = false;
};

view_facts look_at(char, std::span<const double> numbers, std::string_view text) {
    view_facts out{numbers.size() + text.size(), 0, true};
    out.aligned = reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(double) == 0;
    for (const double each : numbers)
        out.sum += each;
    for (const char each : text)
        out.sum += each;
    return out;
}

struct alignas(16) wide {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

bool is_aligned(std::span<const wide> some) {
    return some.empty() || reinterpret_cast<std::uintptr_t>(some.data()) % alignof(wide) == 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(payload_sizes, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(arguments_of_any_size_arrive) {
    procpool::pool pool(2);
    const auto whole = text_of(5 * mib + 13);
    for (const auto size : interesting_sizes()) {
        const auto text = std::string_view(whole).substr(0, size);
        const auto got = pool.apply(procpool::fn<hash>, text);
        BOOST_REQUIRE_MESSAGE(got == hash(text), "size " << size);
    }
}

BOOST_AUTO_TEST_CASE(results_of_any_size_arrive) {
    procpool::pool pool(2);
    const auto whole = text_of(5 * mib + 13);
    for (const auto size : interesting_sizes()) {
        const auto got = pool.apply(procpool::fn<make_text>, size);
        BOOST_REQUIRE_MESSAGE(got == std::string_view(whole).substr(0, size), "size " << size);
    }
}

BOOST_AUTO_TEST_CASE(sizes_may_be_mixed_in_a_map) {
    procpool::pool pool(2);
    std::vector<std::string> texts;
    for (const auto size : interesting_sizes())
        if (size <= mib)
            texts.push_back(text_of(size));
    for (const std::size_t chunk : {1U, 5U, 100'000U}) {
        const auto out = pool.map(procpool::fn<echo>, texts, {.chunk_size = chunk});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i != texts.size(); ++i)
            wrong += out[i] != texts[i];
        BOOST_TEST(wrong == 0U);
    }
    BOOST_TEST((pool.map(procpool::fn<echo>, texts) == texts));
}

BOOST_AUTO_TEST_CASE(sizes_may_be_mixed_in_calls_under_way) {
    procpool::pool pool(2);
    std::vector<std::pair<std::size_t, procpool::async_result<std::string>>> results;
    for (const auto size : interesting_sizes())
        results.emplace_back(size, pool.apply_async(procpool::fn<echo>, text_of(size)));
    for (const auto& [size, result] : results)
        BOOST_REQUIRE_MESSAGE(result.get() == text_of(size), "size " << size);
}

BOOST_AUTO_TEST_CASE(views_see_what_was_sent_and_are_aligned) {
    procpool::pool pool(2);
    const std::string text = "odd";
    for (const std::size_t count : {0U, 1U, 7U, 8U, 2047U, 2048U, 2049U, 700'000U}) {
        const std::vector<double> numbers(count, 0.5);
        const auto facts = pool.apply(procpool::fn<look_at>, 'x', numbers, text);
        BOOST_TEST(facts.size == count + 3);
        BOOST_TEST(facts.sum == 0.5 * static_cast<double>(count) + 'o' + 'd' + 'd');
        BOOST_TEST(facts.aligned);
        BOOST_TEST(pool.apply(procpool::fn<is_aligned>, std::vector<wide>(count)));
    }
}

BOOST_AUTO_TEST_CASE(views_stay_aligned_wherever_a_chunk_is_cut) {
    procpool::pool pool(2);
    std::vector<std::tuple<char, std::vector<double>, std::string>> calls;
    for (std::size_t i = 0; i != 400; ++i)
        calls.emplace_back('c', std::vector<double>(i % 37, 1.0), std::string(i % 11, '\1'));
    for (const std::size_t chunk : {1U, 7U, 400U}) {
        const auto out = pool.starmap(procpool::fn<look_at>, calls, {.chunk_size = chunk});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i != calls.size(); ++i)
            wrong += !out[i].aligned || out[i].size != i % 37 + i % 11 ||
                     out[i].sum != static_cast<double>(i % 37 + i % 11);
        BOOST_TEST(wrong == 0U);
    }
    const std::vector<std::vector<wide>> pieces(300, std::vector<wide>(3));
    const auto aligned = pool.map(procpool::fn<is_aligned>, pieces, {.chunk_size = 300});
    BOOST_TEST((aligned == std::vector<bool>(300, true)));
}

BOOST_AUTO_TEST_CASE(more_than_every_buffer_flows_both_ways_with_nobody_reading) {
    constexpr std::size_t size = 100 * mib;
    procpool::pool pool(2);
    std::vector<procpool::async_result<std::vector<std::uint8_t>>> results;
    {
        const std::vector<std::uint8_t> bytes(size, 7);
        for (int i = 0; i != 2; ++i)
            results.push_back(pool.apply_async(
                [](std::vector<std::uint8_t> b) {
                    b.back() = 8;
                    return b;
                },
                bytes));
    }
    BOOST_TEST(procpool::test::eventually([&] { return results[0].ready() && results[1].ready(); }));
    for (auto& result : results) {
        const auto& got = result.get();
        BOOST_TEST(got.size() == size);
        BOOST_TEST(int{got.front()} == 7);
        BOOST_TEST(int{got.back()} == 8);
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_big_results_share_what_memory_there_is) {
    procpool::pool pool(2);
    const auto out = pool.map(procpool::fn<make_text>, std::vector<std::size_t>(1000, 100 * kib));
    const auto expected = text_of(100 * kib);
    std::size_t wrong = 0;
    for (const auto& each : out)
        wrong += each != expected;
    BOOST_TEST(out.size() == 1000U);
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

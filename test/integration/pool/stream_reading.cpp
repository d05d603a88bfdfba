// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/counting_range.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// How streams are read: item by item, by iterators, by views, with a time-out.
using namespace procpool::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(stream_reading, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_wait_that_ends_too_early_loses_nothing) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items(3, folder.file("gate"));
    for (const bool in_order : {true, false}) {
        auto stream = in_order ? pool.imap(procpool::fn<wait_for>, items, {.max_in_flight = 2})
                               : pool.imap_unordered(procpool::fn<wait_for>, items, {.max_in_flight = 2});
        for (int i = 0; i != 3; ++i) {
            BOOST_CHECK_THROW(stream.next(0ms), procpool::wait_timeout);
            BOOST_CHECK_THROW(stream.next(-1h), procpool::wait_timeout);
            BOOST_CHECK_THROW(stream.next(2ms), procpool::wait_timeout);
        }
        create(folder.file("gate"));
        BOOST_TEST(stream.next(1h).value() == folder.file("gate"));
        BOOST_TEST(stream.next(std::chrono::duration<double>(1e30)).value() == folder.file("gate"));
        BOOST_TEST(stream.next().value() == folder.file("gate"));
        BOOST_TEST(!stream.next(0ms));
        std::filesystem::remove(folder.file("gate"));
    }
}

BOOST_AUTO_TEST_CASE(a_stream_is_an_input_range) {
    using stream = procpool::result_stream<std::string>;
    static_assert(std::ranges::input_range<stream>);
    static_assert(!std::ranges::forward_range<stream>);
    static_assert(std::same_as<std::ranges::range_value_t<stream>, std::string>);
    static_assert(std::movable<stream> && !std::copyable<stream>);
    static_assert(std::same_as<decltype(std::declval<stream&>().next()), std::optional<std::string>>);
    procpool::pool pool(2);
    int sum = 0;
    for (const int each : pool.imap(procpool::fn<square>, numbers(10)))
        sum += each;
    BOOST_TEST(sum == 285);
    ints out;
    std::ranges::copy(pool.imap(procpool::fn<square>, numbers(10)), std::back_inserter(out));
    BOOST_TEST((out == squares(10)));
}

#if !defined(__clang__) || __clang_major__ >= 16 // which understands libstdc++'s views
BOOST_AUTO_TEST_CASE(a_stream_works_with_views) {
    procpool::pool pool(2);
    counting::account account;
    const auto even = [](int n) {
        return n % 2 == 0;
    };
    ints out;
    for (const int each : pool.imap(procpool::fn<square>, counting(account)) | std::views::filter(even) |
                              std::views::transform([](int n) { return n + 1; }) | std::views::take(4))
        out.push_back(each);
    BOOST_TEST((out == ints{1, 5, 17, 37}));
    auto stream = pool.imap(procpool::fn<square>, std::views::iota(0) | std::views::take(6));
    out.clear();
    for (const int each : stream | std::views::drop(2) | std::views::take(2))
        out.push_back(each);
    BOOST_TEST((out == ints{4, 9}));
    BOOST_TEST((rest_of(stream) == ints{16, 25}));
}
#endif

BOOST_AUTO_TEST_CASE(next_and_iterators_share_one_place) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(8));
    BOOST_TEST(stream.next().value() == 0);
    for (const int each : stream) {
        BOOST_TEST(each == 1);
        break;
    }
    BOOST_TEST(stream.next().value() == 4);
    auto it = stream.begin();
    BOOST_TEST((it != stream.end())); // a look, and no reading
    BOOST_TEST(stream.next().value() == 9);
    it = stream.begin();
    ++it; // 16 was not read
    BOOST_TEST(*it == 25);
    BOOST_TEST(*it == 25);
    BOOST_TEST(*stream.begin() == 36);
    BOOST_TEST((rest_of(stream) == ints{49}));
    BOOST_TEST((stream.begin() == stream.end()));
}

BOOST_AUTO_TEST_CASE(going_on_does_not_wait_for_what_nobody_reads) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{"", folder.file("gate")};
    auto stream = pool.imap(procpool::fn<wait_for>, items);
    auto it = stream.begin();
    BOOST_TEST((*it).empty());
    ++it; // would hang
    create(folder.file("gate"));
    BOOST_TEST(*it == folder.file("gate"));
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_moved_and_its_source_is_empty) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(10));
    BOOST_TEST(stream.next().value() == 0);
    auto other = std::move(stream);
    BOOST_TEST(other.next().value() == 1);
    stream = pool.imap(procpool::fn<square>, numbers(2));
    std::swap(stream, other);
    BOOST_TEST((rest_of(other) == ints{0, 1}));
    BOOST_TEST(stream.next().value() == 4);
    other = std::move(stream); // drops the stream that is being read
    BOOST_TEST(other.next().value() == 9);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

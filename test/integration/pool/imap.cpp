// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

// imap and imap_unordered: every item has its result, in input order or in order of completion.
using namespace procpool::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(imap, nothing_left_behind)

BOOST_AUTO_TEST_CASE(results_come_in_the_order_of_the_input) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 5, 64, 1000}) {
        BOOST_TEST_INFO_SCOPE("items " << count);
        BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(count))) == squares(count)));
    }
}

BOOST_AUTO_TEST_CASE(unordered_results_come_once_each) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 5, 64, 1000}) {
        BOOST_TEST_INFO_SCOPE("items " << count);
        BOOST_TEST(
            (sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(count)))) == squares(count)));
    }
}

BOOST_AUTO_TEST_CASE(chunks_and_windows_do_not_change_results) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 100U, 5000U})
        for (const std::size_t ahead : {1U, 2U, 7U, 64U, 1000U, 100'000U}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", ahead " << ahead);
            const procpool::map_options options{.chunk_size = chunk, .max_in_flight = ahead};
            BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(700), options)) == squares(700)));
            BOOST_TEST((sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(700), options))) ==
                        squares(700)));
        }
}

BOOST_AUTO_TEST_CASE(unordered_results_come_when_they_are_there) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{folder.file("gate"), "", "", "", "", ""};
    auto stream = pool.imap_unordered(procpool::fn<wait_for>, items);
    for (int i = 0; i != 5; ++i)
        BOOST_TEST(stream.next().value().empty());
    create(folder.file("gate"));
    BOOST_TEST(stream.next().value() == folder.file("gate"));
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(ordered_results_wait_for_their_turn) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{folder.file("gate"), "", ""};
    auto stream = pool.imap(procpool::fn<wait_for>, items);
    BOOST_CHECK_THROW(stream.next(0ms), procpool::wait_timeout);
    create(folder.file("gate"));
    BOOST_TEST(stream.next().value() == folder.file("gate"));
    BOOST_TEST((rest_of(stream) == std::vector<std::string>(2)));
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
    procpool::pool pool(1);
    for (const int count : {0, 3}) {
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count), {.chunk_size = 0}),
                          std::invalid_argument);
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count), {.max_in_flight = 0}),
                          std::invalid_argument);
        BOOST_CHECK_THROW(pool.imap_unordered(procpool::fn<square>, numbers(count), {.timeout = 0ms}),
                          std::invalid_argument);
    }
    BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(3))) == squares(3)));
}

BOOST_AUTO_TEST_CASE(results_that_can_only_be_moved_are_moved) {
    procpool::pool pool(2);
    const auto make = [](int n) {
        return std::make_unique<int>(n);
    };
    auto stream = pool.imap(make, numbers(4));
    std::unique_ptr<int> first = stream.next().value();
    BOOST_TEST(*first == 0);
    std::vector<std::unique_ptr<int>> rest;
    for (auto& each : stream)
        rest.push_back(std::move(each));
    BOOST_TEST(rest.size() == 3U);
    BOOST_TEST(*rest[2] == 3);
}

BOOST_AUTO_TEST_CASE(tasks_without_a_result_say_that_they_are_done) {
    procpool::pool pool(2);
    const auto task = [](int n) {
        if (n == 2)
            throw std::runtime_error("two");
    };
    auto stream = pool.imap(task, numbers(4));
    static_assert(std::same_as<decltype(stream.next()), bool>);
    BOOST_TEST(stream.next());
    BOOST_TEST(stream.next(1h));
    BOOST_CHECK_THROW(stream.next(), std::runtime_error);
    BOOST_TEST(stream.next());
    BOOST_TEST(!stream.next());
    BOOST_TEST(std::ranges::distance(pool.imap_unordered([](int) {}, numbers(100), {.chunk_size = 7})) ==
               100);
}

BOOST_AUTO_TEST_CASE(streams_can_be_read_alternately) {
    procpool::pool pool(2);
    auto a = pool.imap(procpool::fn<square>, numbers(200));
    auto b = pool.imap_unordered(procpool::fn<square>, numbers(200), {.chunk_size = 4});
    ints from_b;
    for (int i = 0; i != 200; ++i) {
        BOOST_REQUIRE(a.next() == i * i);
        from_b.push_back(b.next().value());
        BOOST_REQUIRE(pool.apply(procpool::fn<square>, i) == i * i);
    }
    BOOST_TEST(!a.next());
    BOOST_TEST((sorted(from_b) == squares(200)));
}

BOOST_AUTO_TEST_CASE(streams_can_be_read_in_several_threads) {
    procpool::pool pool(2);
    std::vector<std::thread> readers;
    std::atomic<int> right{0};
    for (int i = 0; i != 4; ++i)
        readers.emplace_back([&, i] {
            const procpool::map_options options{.chunk_size = std::size_t(1 + i), .max_in_flight = 100};
            right += all_of(pool.imap(procpool::fn<square>, numbers(2000), options)) == squares(2000);
            right += sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(2000), options))) ==
                     squares(2000);
        });
    for (auto& each : readers)
        each.join();
    BOOST_TEST(right == 8);
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_read_in_a_callback) {
    procpool::pool pool(2);
    std::atomic<bool> right{false};
    auto result = pool.apply_async(procpool::fn<square>, 2);
    result.on_success([&](int) {
        right = all_of(pool.imap(procpool::fn<square>, numbers(50),
                                 {.on_progress = [](const procpool::progress&) {
                                 }})) == squares(50);
    });
    BOOST_TEST(eventually([&] { return right.load(); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

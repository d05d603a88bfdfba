// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Waiting for the first of several results.
using procpool::test::append_line;
using procpool::test::temporary_folder;
using namespace std::chrono_literals;

namespace {

int twice(int n) {
    return 2 * n;
}

int after_file(const std::string& file, int n) {
    if (!procpool::test::wait_for_file(file))
        throw std::runtime_error("the file did not come");
    return n;
}

int fail(int n) {
    throw std::domain_error(std::to_string(n));
}

/// Calls that end when `release(i)` is called.
struct held_calls {
    held_calls(procpool::pool& pool, std::size_t count) {
        for (std::size_t i = 0; i != count; ++i)
            results.push_back(pool.apply_async(procpool::fn<after_file>, folder.file(std::to_string(i)),
                                               static_cast<int>(i)));
    }
    void release(std::size_t i) const { append_line(folder.file(std::to_string(i)), ""); }

    temporary_folder folder;
    std::vector<procpool::async_result<int>> results;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(wait_any, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(the_first_that_is_ready_is_told) {
    procpool::pool pool(3);
    const held_calls calls(pool, 3);
    std::thread release([&] { calls.release(1); });
    BOOST_TEST(procpool::wait_any(calls.results) == 1u);
    release.join();
    BOOST_TEST(procpool::wait_any(calls.results) == 1u);
    calls.release(0);
    calls.results[0].wait();
    BOOST_TEST(procpool::wait_any(calls.results) == 0u);
    pool.terminate();
}

BOOST_AUTO_TEST_CASE(a_time_out_changes_nothing) {
    procpool::pool pool(2);
    const held_calls calls(pool, 2);
    BOOST_TEST(!procpool::wait_any(calls.results, 10ms).has_value());
    BOOST_TEST(!procpool::wait_any(calls.results, 0ms).has_value());
    BOOST_TEST(!procpool::wait_any(calls.results, -1s).has_value());
    calls.release(1);
    BOOST_TEST((procpool::wait_any(calls.results, 1min) == std::size_t{1}));
    pool.terminate();
}

BOOST_AUTO_TEST_CASE(without_results_there_is_nothing_to_wait_for) {
    BOOST_CHECK_THROW(procpool::wait_any(std::vector<procpool::async_result<int>>()), std::invalid_argument);
    BOOST_TEST(!procpool::as_completed(std::vector<procpool::async_result<int>>()).next().has_value());
}

BOOST_AUTO_TEST_CASE(failed_results_are_ready_too) {
    procpool::pool pool(1);
    const std::vector<procpool::async_result<int>> results{pool.apply_async(procpool::fn<fail>, 1)};
    BOOST_TEST(procpool::wait_any(results) == 0u);
    BOOST_CHECK_THROW(results[0].get(), std::domain_error);
}

BOOST_AUTO_TEST_CASE(results_of_several_pools_are_waited_for_together) {
    procpool::pool one(1);
    procpool::pool other(1);
    const held_calls of_one(one, 1);
    const held_calls of_other(other, 1);
    const std::vector<procpool::async_result<int>> results{of_one.results[0], of_other.results[0]};
    std::thread release([&] { of_other.release(0); });
    BOOST_TEST(procpool::wait_any(results) == 1u);
    release.join();
    of_one.release(0);
    BOOST_TEST(results[0].get() == 0);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_pool_wakes_who_waits) {
    procpool::pool pool(1);
    const held_calls calls(pool, 1);
    std::thread end([&] { pool.terminate(); });
    BOOST_TEST(procpool::wait_any(calls.results) == 0u);
    end.join();
    BOOST_CHECK_THROW(calls.results[0].get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(several_threads_wait_for_the_same_results) {
    procpool::pool pool(2);
    const held_calls calls(pool, 2);
    std::vector<std::size_t> found(4, 99);
    std::vector<std::thread> threads;
    for (auto& each : found)
        threads.emplace_back([&] { each = procpool::wait_any(calls.results); });
    calls.release(1);
    for (auto& each : threads)
        each.join();
    BOOST_TEST(std::count(found.begin(), found.end(), 1u) == 4);
    pool.terminate();
}

BOOST_AUTO_TEST_CASE(results_come_as_they_are_completed) {
    procpool::pool pool(3);
    const held_calls calls(pool, 3);
    auto completed = procpool::as_completed(calls.results);
    for (const std::size_t i : {2U, 0U, 1U}) {
        BOOST_CHECK_THROW(completed.next(1ms), procpool::wait_timeout);
        calls.release(i);
        const auto next = completed.next();
        BOOST_TEST_REQUIRE(next.has_value());
        BOOST_TEST(next->ready());
        BOOST_TEST(next->get() == static_cast<int>(i));
    }
    BOOST_TEST(!completed.next().has_value());
    BOOST_TEST(!completed.next(1ms).has_value());
}

BOOST_AUTO_TEST_CASE(it_is_a_range_and_gives_each_result_once) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<int>> results;
    for (int n = 0; n != 5000; ++n)
        results.push_back(pool.apply_async(procpool::fn<twice>, n));
    results[7].wait();
    std::set<int> seen;
    for (const auto& result : procpool::as_completed(results))
        seen.insert(result.get());
    BOOST_TEST(seen.size() == 5000u);
}

BOOST_AUTO_TEST_CASE(those_without_a_value_come_too) {
    procpool::pool pool(1);
    const std::vector<procpool::async_result<void>> results{pool.apply_async([] {}), pool.apply_async([] {})};
    int count = 0;
    for (const auto& result : procpool::as_completed(results)) {
        result.get();
        ++count;
    }
    BOOST_TEST(count == 2);
}

BOOST_AUTO_TEST_CASE(half_read_it_leaves_the_results_as_they_are) {
    procpool::pool pool(2);
    const held_calls calls(pool, 2);
    {
        auto completed = procpool::as_completed(calls.results);
        calls.release(0);
        BOOST_TEST(completed.next()->get() == 0);
        auto moved = std::move(completed);
        BOOST_TEST(!completed.next().has_value());
        BOOST_CHECK_THROW(moved.next(1ms), procpool::wait_timeout);
    }
    calls.release(1);
    BOOST_TEST(calls.results[1].get() == 1);
}

BOOST_AUTO_TEST_CASE(callbacks_run_before_a_result_comes) {
    procpool::pool pool(2);
    for (int round = 0; round != 200; ++round) {
        // Owned by the callbacks: a callback that is registered for a ready result may run later.
        const auto called = std::make_shared<std::atomic<int>>(0);
        std::vector<procpool::async_result<int>> results;
        for (int n = 0; n != 4; ++n) {
            results.push_back(pool.apply_async(procpool::fn<twice>, n));
            results.back().on_success([called](int) { ++*called; });
        }
        int count = 0;
        for (const auto& result : procpool::as_completed(results)) {
            BOOST_TEST_REQUIRE(result.ready());
            ++count;
        }
        BOOST_TEST_REQUIRE(count == 4);
    }
}

BOOST_AUTO_TEST_CASE(a_callback_may_wait_for_others) {
    procpool::pool pool(2);
    auto first = pool.apply_async(procpool::fn<twice>, 1);
    auto second = pool.apply_async(procpool::fn<twice>, 2);
    std::optional<std::size_t> found;
    first.on_success([&](int) {
        const std::vector<procpool::async_result<int>> others{second};
        second.on_success([](int) {}); // runs after this callback
        found = procpool::wait_any(others);
    });
    pool.close();
    pool.join(); // by now every callback has run
    BOOST_TEST((found == std::size_t{0}));
}

BOOST_AUTO_TEST_CASE(nobody_needs_to_run_the_executor) {
    boost::asio::io_context context;
    procpool::pool pool({.processes = 1, .executor = context.get_executor()});
    const std::vector<procpool::async_result<int>> results{pool.apply_async(procpool::fn<twice>, 4)};
    BOOST_TEST(procpool::wait_any(results) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

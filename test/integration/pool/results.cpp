// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// The uses of a result, at any time and from any thread.
using namespace std::chrono_literals;
using procpool::test::temporary_folder;

namespace {

int add_one(int n) {
    return n + 1;
}

/// Returns `n` when the file exists.
int when_told(const std::string& file, int n) {
    if (!procpool::test::wait_for_file(file))
        throw std::runtime_error("nobody said so");
    return n;
}

void tell(const std::string& file) {
    procpool::test::append_line(file, "now");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(results, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(waiting_for_a_time_changes_nothing) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<when_told>, folder.file("go"), 7);
    BOOST_CHECK_THROW(result.get(20ms), procpool::wait_timeout);
    BOOST_CHECK_THROW(result.get(0s), procpool::wait_timeout);
    BOOST_CHECK_THROW(result.get(-1h), procpool::wait_timeout);
    BOOST_TEST(!result.wait(20ms));
    BOOST_TEST(!result.wait(0s));
    BOOST_TEST(!result.wait(std::chrono::nanoseconds::min()));
    BOOST_TEST(!result.ready());
    BOOST_CHECK_THROW(result.successful(), std::logic_error);
    tell(folder.file("go"));
    BOOST_TEST(result.get(std::chrono::hours::max()) == 7);
    BOOST_TEST(result.get(std::chrono::duration<double>(std::numeric_limits<double>::max())) == 7);
    BOOST_TEST(result.get(0s) == 7);
    BOOST_TEST(result.wait(-1s));
    BOOST_TEST(result.successful());
}

BOOST_AUTO_TEST_CASE(a_time_out_comes_when_it_should) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<when_told>, folder.file("go"), 7);
    const auto begin = std::chrono::steady_clock::now();
    BOOST_CHECK_THROW(result.get(0.05s), procpool::wait_timeout);
    const auto took = std::chrono::steady_clock::now() - begin;
    BOOST_TEST((took >= 50ms && took < 5s));
    tell(folder.file("go"));
    result.wait();
}

BOOST_AUTO_TEST_CASE(polling_sees_the_result) {
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<add_one>, 1);
    BOOST_TEST(procpool::test::eventually([&] { return result.wait(0s); }));
    BOOST_TEST(result.get(0s) == 2);
    const auto other = pool.apply_async(procpool::fn<add_one>, 2);
    BOOST_TEST(procpool::test::eventually([&] { return other.ready(); }));
}

BOOST_AUTO_TEST_CASE(copies_refer_to_the_same_result) {
    procpool::pool pool(1);
    const auto one =
        pool.apply_async([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); }, 100);
    const auto two = one;
    BOOST_TEST(&one.get() == &two.get());
    auto three = two;
    BOOST_TEST(std::move(three).get() == std::string(100, 'x')); // others read the result, so it is copied
    BOOST_TEST(one.get() == std::string(100, 'x'));
}

BOOST_AUTO_TEST_CASE(many_threads_wait_for_the_same_result) {
    const temporary_folder folder;
    procpool::pool pool(1);
    for (int round = 0; round != 20; ++round) {
        const auto file = folder.file(std::to_string(round));
        const auto result = pool.apply_async(procpool::fn<when_told>, file, round);
        std::atomic<int> right = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i != 8; ++i)
            threads.emplace_back([&, i] {
                if (i % 2 == 0)
                    right += result.get() == round;
                else
                    right += result.wait(procpool::test::patience) && result.get() == round;
            });
        tell(file);
        for (auto& each : threads)
            each.join();
        BOOST_TEST(right == 8);
    }
}

BOOST_AUTO_TEST_CASE(many_threads_wait_for_their_own_results) {
    procpool::pool pool(2);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i != 6; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n != 300; ++n) {
                if (n % 3 == 0)
                    wrong += pool.apply(procpool::fn<add_one>, n) != n + 1;
                else if (n % 3 == 1)
                    wrong += pool.apply_async(procpool::fn<add_one>, n * i).get() != n * i + 1;
                else
                    wrong += pool.map(procpool::fn<add_one>, std::vector{n, i}) != std::vector{n + 1, i + 1};
            }
        });
    for (auto& each : threads)
        each.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_is_not_held_up_by_one_that_waits_longer) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const auto slow = pool.apply_async(procpool::fn<when_told>, folder.file("go"), 1);
    std::thread waits_long([&] { slow.wait(); });
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(pool.apply(procpool::fn<add_one>, i) == i + 1);
    BOOST_TEST(!slow.ready());
    tell(folder.file("go"));
    waits_long.join();
    BOOST_TEST(slow.get() == 1);
}

BOOST_AUTO_TEST_CASE(who_gives_up_waiting_leaves_nobody_alone) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto slow = pool.apply_async(procpool::fn<when_told>, folder.file("go"), 1);
    std::atomic<bool> got = false;
    std::thread impatient([&] {
        for (int i = 0; i != 30; ++i)
            static_cast<void>(slow.wait(1ms));
    });
    std::thread patient([&] {
        slow.wait();
        got = true;
    });
    impatient.join();
    tell(folder.file("go"));
    BOOST_TEST(procpool::test::eventually([&] { return got.load(); }));
    patient.join();
}

BOOST_AUTO_TEST_CASE(results_outlive_the_pool) {
    std::vector<procpool::async_result<std::string>> kept;
    std::optional<procpool::async_result<std::vector<int>>> mapped;
    std::optional<procpool::async_result<int>> failed;
    {
        procpool::pool pool(2);
        for (std::size_t i = 0; i != 50; ++i)
            kept.push_back(pool.apply_async([](std::size_t n) { return std::string(n * 1000, 'k'); }, i));
        mapped = pool.map_async(procpool::fn<add_one>, std::vector{1, 2, 3});
        failed = pool.apply_async([](int) -> int { throw std::domain_error("kept"); }, 1);
        pool.close();
        pool.join();
    }
    for (std::size_t i = 0; i != kept.size(); ++i)
        BOOST_TEST(kept[i].get() == std::string(i * 1000, 'k'));
    BOOST_TEST((mapped->get() == std::vector{2, 3, 4}));
    BOOST_CHECK_THROW(failed->get(), std::domain_error);
    BOOST_CHECK_THROW(failed->get(0s), std::domain_error);
}

BOOST_AUTO_TEST_CASE(a_result_that_nobody_keeps_is_dropped) {
    const temporary_folder folder;
    procpool::pool pool(1);
    for (int i = 0; i != 100; ++i)
        static_cast<void>(pool.apply_async(
            [](const std::string& file) { procpool::test::append_line(file, "ran"); }, folder.file("ran")));
    pool.close();
    pool.join();
    BOOST_TEST(procpool::test::lines_of(folder.file("ran")).size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_wait_timeout_that_a_task_throws_is_its_failure) {
    procpool::pool pool(1);
    const auto result = pool.apply_async([]() -> int { throw procpool::wait_timeout(); });
    BOOST_TEST(result.wait(procpool::test::patience));
    BOOST_TEST(!result.successful());
    try {
        result.get();
        BOOST_ERROR("nothing was thrown");
    } catch (const std::exception& caught) {
        BOOST_TEST(procpool::get_remote_info(caught) != nullptr);
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

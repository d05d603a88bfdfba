// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

// async_result::cancel of many tasks, from many threads, and at any moment.
using namespace std::chrono_literals;
using namespace procpool::test;

BOOST_FIXTURE_TEST_SUITE(cancel_many, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(cancelling_from_several_threads_is_like_cancelling_once) {
    procpool::pool pool(with_grace(2, endless));
    const temporary_folder folder;
    for (int round = 0; round != 30; ++round) {
        const auto file = folder.file(std::to_string(round));
        auto running = pool.apply_async(procpool::fn<await_stop>, file);
        auto waiting = pool.apply_async(procpool::fn<await_stop>, file + ".2");
        auto last = pool.apply_async([](int n) { return n; }, round);
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([&] {
                running.cancel();
                waiting.cancel();
            });
        threads.clear();
        BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
        BOOST_CHECK_THROW(waiting.get(), procpool::task_cancelled);
        BOOST_TEST(last.get() == round);
    }
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_at_any_moment_is_cancelled_or_has_its_value) {
    procpool::pool pool(with_grace(2, endless));
    int cancelled = 0;
    for (int round = 0; round != 3000; ++round) {
        auto result = pool.apply_async([](int n) { return n; }, round);
        for (int turn = 0; turn != round % 50; ++turn)
            std::this_thread::yield();
        const bool said_so = result.cancel();
        try {
            BOOST_TEST_REQUIRE(result.get() == round);
            BOOST_TEST_REQUIRE(!said_so);
        } catch (const procpool::task_cancelled&) {
            BOOST_TEST_REQUIRE(said_so);
            ++cancelled;
        }
    }
    BOOST_TEST_MESSAGE(cancelled << " of 3000 were cancelled");
}

BOOST_AUTO_TEST_CASE(items_of_a_map_that_have_not_begun_do_not_run) {
    procpool::pool pool(with_grace(2, endless));
    for (const std::size_t chunk_size : {1U, 7U, 1000U}) {
        const gate gate;
        const auto task = [](const std::string& path, int) {
            const auto token = procpool::this_task::stop_token();
            append_line(path + ".arrived", "x");
            if (!eventually([&] { return token.stop_requested(); }))
                throw std::runtime_error("nobody asked it to stop");
        };
        std::vector<std::tuple<std::string, int>> calls(500, {gate.path(), 1});
        procpool::map_options options;
        options.chunk_size = chunk_size;
        auto result = pool.starmap_async(task, calls, options);
        BOOST_TEST_REQUIRE(gate.wait_for_arrival());
        BOOST_TEST(result.cancel());
        BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
        BOOST_TEST(gate.arrived() <= 2U);
        BOOST_TEST(pool.apply([] { return 1; }) == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_map_whose_items_follow_each_other_quickly_can_be_cancelled_at_any_moment) {
    procpool::pool pool(with_grace(2, 20ms));
    std::vector<int> items(20'000);
    std::iota(items.begin(), items.end(), 0);
    for (int round = 0; round != 40; ++round) {
        // Sooner or later an item comes that does not stop by itself.
        auto result = pool.map_async(
            [](int n) {
                if (n % 5000 == 4999)
                    sleep_for_ever();
                return n;
            },
            items);
        for (int turn = 0; turn != round * 20; ++turn)
            std::this_thread::yield();
        BOOST_TEST(result.cancel());
        BOOST_TEST_REQUIRE(result.wait(patience));
        BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
    }
}

BOOST_AUTO_TEST_CASE(other_calls_are_unharmed) {
    procpool::pool pool(with_grace(2, endless));
    std::vector<procpool::async_result<int>> results;
    const gate gate;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    auto second = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    for (int i = 0; i != 1000; ++i)
        results.push_back(pool.apply_async([](int n) { return n; }, i));
    for (std::size_t i = 0; i < results.size(); i += 2)
        BOOST_TEST(results[i].cancel());
    gate.open();
    for (std::size_t i = 0; i != results.size(); ++i) {
        if (i % 2 == 0)
            BOOST_CHECK_THROW(results[i].get(), procpool::task_cancelled);
        else
            BOOST_TEST(results[i].get() == static_cast<int>(i));
    }
}

BOOST_AUTO_TEST_CASE(a_worker_whose_full_ring_was_cancelled_gets_work_again) {
    procpool::pool pool(with_grace(1, endless));
    const auto quick = [](const std::string& text) {
        return text.size();
    };
    const std::string text(15'000, 'x');
    for (int i = 0; i != 200; ++i)
        pool.apply(quick, text); // so that the worker is given as much ahead as possible
    const auto pid = pids_of(pool).at(0);
    stop_process(pid);
    std::vector<procpool::async_result<std::size_t>> results;
    for (int i = 0; i != 30; ++i)
        results.push_back(pool.apply_async(quick, text));
    for (auto& each : results)
        BOOST_TEST(each.cancel());
    for (int i = 0; i != 30; ++i)
        results.push_back(pool.apply_async(quick, text));
    continue_process(pid);
    for (std::size_t i = 30; i != results.size(); ++i)
        BOOST_TEST_REQUIRE(results[i].get(patience) == text.size());
}

BOOST_AUTO_TEST_CASE(ten_thousand_waiting_tasks_can_be_cancelled_in_no_time) {
    procpool::pool pool(with_grace(1, endless));
    const gate gate;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 10'000; ++i)
        results.push_back(pool.apply_async([](int n) { return n; }, i));
    const auto start = std::chrono::steady_clock::now();
    for (auto& each : results)
        each.cancel();
    BOOST_TEST((std::chrono::steady_clock::now() - start < patience));
    BOOST_TEST_MESSAGE("cancelling 10000 took "
                       << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    gate.open();
    BOOST_TEST(first.get() == 0);
}

BOOST_AUTO_TEST_CASE(a_closed_pool_ends_when_what_is_left_is_cancelled) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    auto running = pool.apply_async(procpool::fn<await_stop>, folder.file("log"));
    auto waiting = pool.apply_async(procpool::fn<await_stop>, folder.file("log2"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("log"), 1));
    pool.close();
    waiting.cancel();
    running.cancel();
    pool.join();
    BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
    BOOST_TEST(!exists(folder.file("log2")));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

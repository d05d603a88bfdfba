// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

// on_success and on_error: when and where they are called, and when they are released.
using namespace std::chrono_literals;
using namespace procpool::test;

BOOST_FIXTURE_TEST_SUITE(callback_order, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(whoever_waits_goes_on_after_the_callbacks) {
    procpool::pool pool(2);
    for (int round = 0; round != 5; ++round) {
        const gate gate;
        std::atomic<bool> finished{false};
        auto result = pool.apply_async(procpool::fn<pass>, gate.path(), round);
        result.on_success([&](int) {
            std::this_thread::sleep_for(2ms); // a slow callback
            finished = true;
        });
        std::atomic<int> too_early{0};
        std::vector<std::jthread> waiting;
        for (int way = 0; way != 3; ++way)
            waiting.emplace_back([&, way] {
                if (way == 0)
                    result.get();
                else if (way == 1)
                    result.wait(patience);
                else
                    while (!result.ready())
                        std::this_thread::yield();
                too_early += !finished;
            });
        gate.open();
        BOOST_TEST(result.get() == round);
        BOOST_TEST(finished.load());
        waiting.clear();
        BOOST_TEST(too_early == 0);
    }
}

BOOST_AUTO_TEST_CASE(callbacks_run_one_at_a_time_in_the_order_of_completion) {
    constexpr int tasks = 1000;
    procpool::pool pool(1);
    const gate gate;
    std::vector<int> order; // without a lock, so that ThreadSanitizer checks the order, too
    std::atomic<int> together{0};
    std::atomic<int> wrong_thread{0};
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != tasks; ++i) {
        results.push_back(pool.apply_async(procpool::fn<pass>, gate.path(), i));
        results.back().on_success([&, caller = std::this_thread::get_id()](int value) {
            wrong_thread += together++ != 0 || std::this_thread::get_id() == caller;
            order.push_back(value);
            --together;
        });
    }
    gate.open();
    for (auto& each : results)
        each.get();
    pool.close();
    pool.join();
    std::vector<int> expected(tasks);
    std::iota(expected.begin(), expected.end(), 0);
    BOOST_TEST((order == expected));
    BOOST_TEST(wrong_thread == 0);
}

BOOST_AUTO_TEST_CASE(the_order_holds_whoever_collects) {
    constexpr std::size_t tasks = 5000;
    procpool::pool_options options;
    options.processes = 2;
    options.terminate_grace = std::chrono::hours(1);
    procpool::pool pool(options);
    // One worker is kept busy, and has been given as many calls ahead as possible.
    const gate blocked;
    const class gate gate;
    auto blocker = pool.apply_async(procpool::fn<pass>, blocked.path(), 0);
    pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    for (int i = 0; i != 2; ++i)
        pool.apply_async([] { return 0; });
    BOOST_TEST_REQUIRE(blocked.wait_for_arrival());
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    std::vector<std::size_t> order;
    std::vector<procpool::async_result<std::size_t>> results;
    for (std::size_t i = 0; i != tasks; ++i) {
        results.push_back(pool.apply_async([](std::size_t n) { return n; }, i));
        results.back().on_success([&](std::size_t value) { order.push_back(value); });
    }
    gate.open();
    std::vector<std::jthread> waiting;
    for (std::size_t first = 0; first != 3; ++first)
        waiting.emplace_back([&, first] {
            for (auto i = first; i < tasks; i += 3)
                results[i].wait();
        });
    // cancel() also collects the outcomes that have arrived; `blocker` does not stop.
    while (!results.back().ready())
        blocker.cancel();
    waiting.clear();
    blocked.open();
    pool.close();
    pool.join();
    BOOST_TEST(order.size() == tasks);
    BOOST_TEST(std::is_sorted(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(callbacks_of_many_workers_do_not_overlap) {
    procpool::pool pool(4);
    std::atomic<int> together{0};
    std::atomic<int> overlaps{0};
    int called = 0;
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 2000; ++i) {
        results.push_back(pool.apply_async([](int n) { return n; }, i));
        results.back().on_success([&](int) {
            overlaps += together++ != 0;
            ++called;
            --together;
        });
    }
    pool.close();
    pool.join();
    BOOST_TEST(called == 2000);
    BOOST_TEST(overlaps == 0);
}

BOOST_AUTO_TEST_CASE(many_callbacks_of_a_result_run_in_the_order_in_which_they_were_registered) {
    procpool::pool pool(1);
    const gate gate;
    std::vector<int> order;
    auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    for (int i = 0; i != 50; ++i)
        result.on_success([&order, i](int) { order.push_back(i); });
    gate.open();
    result.get();
    BOOST_TEST(order.size() == 50U);
    BOOST_TEST(std::is_sorted(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(what_a_callback_holds_is_released_while_the_pool_and_the_result_live) {
    procpool::pool pool(1);
    const gate gate;
    auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    std::weak_ptr<int> weak[3];
    const auto remember = [&](int i) {
        auto made = std::make_shared<int>(i);
        weak[i] = made;
        return made;
    };
    result.on_success([held = remember(0)](int) {});
    result.on_error([held = remember(1)](const std::exception_ptr&) {}); // is not even called
    gate.open();
    result.get();
    BOOST_TEST(weak[0].expired());
    BOOST_TEST(weak[1].expired());
    event called;
    result.on_success([held = remember(2), &called](int) { called.happen(); });
    BOOST_TEST(called.wait());
    BOOST_TEST(eventually([&] { return weak[2].expired(); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

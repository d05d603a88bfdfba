// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// Ends that do not wait for running tasks: terminate() and the destructor.
using namespace std::chrono_literals;
using procpool::test::temporary_folder;

namespace {

int add_one(int n) {
    return n + 1;
}

void sleep_long() {
    std::this_thread::sleep_for(30s);
}

void ignore_everything(const std::string& file) {
#if !defined(_WIN32)
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
#endif
    procpool::test::append_line(file, "ready");
    sleep_long();
}

void tell_and_sleep(const std::string& file) {
    procpool::test::append_line(file, std::to_string(procpool::test::own_pid()));
    sleep_long();
}

template <class Action>
std::chrono::nanoseconds time_of(Action action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - begin;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(ending_early, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(terminate_does_not_wait_for_tasks) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<void>> running;
    std::vector<procpool::async_result<int>> queued;
    for (int i = 0; i != 2; ++i)
        running.push_back(pool.apply_async(procpool::fn<sleep_long>));
    for (int i = 0; i != 10'000; ++i)
        queued.push_back(pool.apply_async(procpool::fn<add_one>, i));
    const auto mapped = pool.map_async(procpool::fn<add_one>, std::vector<int>(1000));
    const auto took = time_of([&] {
        pool.terminate();
        pool.join();
    });
    BOOST_TEST((took < 5s));
    for (const auto& each : running)
        BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
    std::size_t abandoned = 0;
    for (const auto& each : queued) {
        try {
            each.get();
        } catch (const procpool::pool_terminated&) {
            ++abandoned;
        }
    }
    BOOST_TEST(abandoned == 10'000U);
    BOOST_CHECK_THROW(mapped.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(the_destructor_does_not_wait_for_tasks) {
    std::optional<procpool::pool> pool(2U);
    const auto running = pool->apply_async(procpool::fn<sleep_long>);
    std::vector<procpool::async_result<int>> queued;
    for (int i = 0; i != 1000; ++i)
        queued.push_back(pool->apply_async(
            [](int n) {
                std::this_thread::sleep_for(100ms);
                return n;
            },
            i));
    BOOST_TEST((time_of([&] { pool.reset(); }) < 5s));
    BOOST_CHECK_THROW(running.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(queued.back().get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(workers_that_ignore_every_signal_or_are_stopped_end_all_the_same) {
    const temporary_folder folder;
    procpool::pool pool(3);
    const auto deaf = pool.apply_async(procpool::fn<ignore_everything>, folder.file("deaf"));
    const auto stopped = pool.apply_async(procpool::fn<tell_and_sleep>, folder.file("stopped"));
    BOOST_REQUIRE(procpool::test::wait_for_lines(folder.file("deaf"), 1));
    BOOST_REQUIRE(procpool::test::wait_for_lines(folder.file("stopped"), 1));
    procpool::test::stop_process(std::stol(procpool::test::lines_of(folder.file("stopped"))[0]));
    BOOST_TEST((time_of([&] {
                    pool.terminate();
                    pool.join();
                }) < 5s));
    BOOST_CHECK_THROW(deaf.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(stopped.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_big_transfer_does_not_delay_the_end) {
    procpool::pool pool(2);
    const std::vector<std::uint8_t> bytes(50'000'000);
    std::vector<procpool::async_result<std::vector<std::uint8_t>>> results;
    for (int i = 0; i != 6; ++i)
        results.push_back(pool.apply_async([](std::vector<std::uint8_t> b) { return b; }, bytes));
    pool.terminate();
    BOOST_TEST((time_of([&] { pool.join(); }) < 5s));
    for (const auto& each : results)
        BOOST_TEST(each.ready());
}

BOOST_AUTO_TEST_CASE(what_had_arrived_stays_readable) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const auto arrived =
        pool.apply_async([](int n) { return std::string(static_cast<std::size_t>(n), 'a'); }, 50'000);
    const auto looked_at = pool.apply_async(procpool::fn<add_one>, 1);
    BOOST_TEST(looked_at.get() == 2);
    arrived.wait();
    const auto running = pool.apply_async(procpool::fn<sleep_long>);
    pool.terminate();
    BOOST_TEST(arrived.get().size() == 50'000U);
    BOOST_TEST(looked_at.get() == 2);
    pool.join();
    BOOST_TEST(arrived.get().size() == 50'000U);
    BOOST_CHECK_THROW(running.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(every_thread_that_waits_wakes) {
    procpool::pool pool(2);
    std::atomic<int> woken = 0;
    std::vector<std::thread> threads;
    const auto shared = pool.apply_async(procpool::fn<sleep_long>);
    const auto expect_end = [&](auto action) {
        try {
            action();
        } catch (const procpool::pool_terminated&) {
            ++woken;
        } catch (const procpool::pool_closed&) {
            ++woken; // too late to be accepted
        }
    };
    threads.emplace_back([&] { expect_end([&] { shared.get(); }); });
    threads.emplace_back([&] { expect_end([&] { shared.get(30s); }); });
    threads.emplace_back([&] { woken += shared.wait(30s); });
    threads.emplace_back([&] { expect_end([&] { pool.apply(procpool::fn<sleep_long>); }); });
    threads.emplace_back([&] {
        expect_end([&] { pool.map([](int) { std::this_thread::sleep_for(30s); }, std::vector<int>(10)); });
    });
    // The last two threads have at least started to wait; the others surely wait.
    BOOST_TEST(procpool::test::eventually([&] { return pool.workers()[0].busy && pool.workers()[1].busy; }));
    BOOST_TEST((time_of([&] {
                    pool.terminate();
                    for (auto& each : threads)
                        each.join();
                }) < 5s));
    BOOST_TEST(woken == 5);
}

BOOST_AUTO_TEST_CASE(close_then_terminate_gives_up_what_close_would_have_finished) {
    procpool::pool pool(1);
    const auto running = pool.apply_async(procpool::fn<sleep_long>);
    pool.close();
    std::thread waiting([&] { pool.join(); });
    BOOST_TEST((time_of([&] {
                    pool.terminate();
                    waiting.join();
                }) < 5s));
    BOOST_CHECK_THROW(running.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_thread_that_a_task_left_behind_does_not_hold_up_the_end) {
    procpool::pool pool(1);
    pool.apply([] { std::thread([] { std::this_thread::sleep_for(30s); }).detach(); });
    pool.close();
    BOOST_TEST((time_of([&] { pool.join(); }) < 5s));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

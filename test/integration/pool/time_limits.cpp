// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

// Time-outs: when they begin, and what happens to a late task.
namespace {

using namespace std::chrono_literals;
using namespace procpool::test;

int never_end() {
    sleep_for_ever();
}

struct limits {
    std::size_t processes = 1;
    std::chrono::nanoseconds grace = endless;
    std::optional<std::chrono::nanoseconds> task_timeout = std::nullopt;

    procpool::pool make() const {
        procpool::pool_options options;
        options.processes = processes;
        options.terminate_grace = grace;
        options.task_timeout = task_timeout;
        return procpool::pool(options);
    }
};

procpool::call_options within(std::chrono::nanoseconds timeout) {
    return {.timeout = timeout};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(time_limits, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_that_ends_in_time_is_not_disturbed) {
    auto pool = limits{}.make();
    BOOST_TEST(pool.apply_async(
                       within(endless), [](int n) { return n; }, 3)
                   .get() == 3);
    BOOST_CHECK_THROW(pool.apply_async(within(endless), [] { throw std::domain_error("own"); }).get(),
                      std::domain_error);
}

BOOST_AUTO_TEST_CASE(a_task_that_listens_stops_and_its_worker_goes_on) {
    auto pool = limits{}.make();
    const temporary_folder folder;
    const auto pid = pool.apply(procpool::fn<own_pid>);
    const auto start = std::chrono::steady_clock::now();
    auto late = pool.apply_async(within(50ms), procpool::fn<await_stop>, folder.file("log"));
    BOOST_CHECK_THROW(late.get(), procpool::task_timeout); // though it returned a value
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 50ms));
    BOOST_TEST(lines_of(folder.file("log")).back() == "stopped");
    BOOST_TEST(pool.apply(procpool::fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_CASE(the_error_says_what_timed_out) {
    auto pool = limits{}.make();
    const temporary_folder folder;
    try {
        pool.apply_async(within(20ms), procpool::fn<await_stop>, folder.file("log")).get();
        BOOST_ERROR("it did not time out");
    } catch (const procpool::task_timeout& error) {
        BOOST_TEST((error.code() == procpool::errc::task_timeout));
        const std::string text = error.what();
        BOOST_TEST_CONTEXT(text)
        BOOST_TEST(text.find("await_stop") != std::string::npos);
        const auto* const info = procpool::get_remote_info(error);
        BOOST_TEST_REQUIRE(info != nullptr);
        BOOST_TEST(info->task_name.ends_with("await_stop"));
        BOOST_TEST(info->worker_pid == pool.workers()[0].pid.value());
        BOOST_TEST(!info->item_index);
    }
}

BOOST_AUTO_TEST_CASE(a_task_that_does_not_stop_loses_its_worker_after_the_grace) {
    auto pool = limits{.processes = 2, .grace = 50ms}.make();
    const gate gate;
    auto other = pool.apply_async(procpool::fn<pass>, gate.path(), 7);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    const auto start = std::chrono::steady_clock::now();
    auto late = pool.apply_async(within(50ms), procpool::fn<never_end>);
    BOOST_CHECK_THROW(late.get(), procpool::task_timeout);
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 100ms));
    gate.open();
    BOOST_TEST(other.get() == 7);
    BOOST_TEST(pool.map([](int n) { return n; }, std::vector{1, 2, 3}).size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_begins_when_a_late_task_ends_by_itself_is_not_lost_with_it) {
    auto pool = limits{.processes = 2, .grace = 2ms}.make();
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 400; ++i) // they end shortly before or after their workers are to be killed
        results.push_back(pool.apply_async(
            within(5ms),
            [](int microseconds) {
                std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
                return microseconds;
            },
            6500 + 50 * (i % 20)));
    for (auto& each : results) {
        try {
            BOOST_TEST(each.get() >= 6500); // the clock was not checked in time
        } catch (const procpool::task_timeout&) {
        }
    }
}

BOOST_AUTO_TEST_CASE(without_a_grace_the_worker_is_ended_at_once) {
    auto pool = limits{.grace = 0ns}.make();
    for (int round = 0; round != 3; ++round)
        BOOST_CHECK_THROW(pool.apply_async(within(1ms), procpool::fn<never_end>).get(),
                          procpool::task_timeout);
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_stopped_worker_is_ended_too) {
    auto pool = limits{.grace = 20ms}.make();
    const gate gate;
    auto late = pool.apply_async(within(1s), procpool::fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    stop_process(pool.workers()[0].pid.value());
    BOOST_CHECK_THROW(late.get(patience), procpool::task_timeout);
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(the_clock_does_not_run_while_a_task_waits) {
    auto pool = limits{}.make();
    constexpr auto timeout = 200ms;
    const gate gate;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 0);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    std::vector<procpool::async_result<int>> waiting;
    for (int i = 0; i != 100; ++i)
        waiting.push_back(pool.apply_async(
            within(timeout), [](int n) { return n; }, i));
    std::this_thread::sleep_for(timeout + 50ms); // that much time passing is what is tested
    gate.open();
    BOOST_TEST(first.get() == 0);
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(waiting[static_cast<std::size_t>(i)].get() == i);
}

BOOST_AUTO_TEST_CASE(tasks_that_follow_each_other_each_have_their_time) {
    auto pool = limits{}.make();
    const temporary_folder folder;
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 5; ++i) {
        results.push_back(pool.apply_async(within(30ms), procpool::fn<await_stop>, folder.file("log")));
        results.push_back(pool.apply_async(
            within(endless), [](int n) { return n; }, i));
    }
    for (int i = 0; i != 5; ++i) {
        const auto at = static_cast<std::size_t>(2 * i);
        BOOST_CHECK_THROW(results[at].get(), procpool::task_timeout);
        BOOST_TEST(results[at + 1].get() == i);
    }
    BOOST_TEST(lines_of(folder.file("log")).size() == 10U); // began and stopped
}

BOOST_AUTO_TEST_CASE(in_a_chunk_each_item_has_its_own_time_and_the_others_their_values) {
    for (const bool deaf : {false, true}) {
        const auto grace = deaf ? std::chrono::nanoseconds(20ms) : endless;
        auto pool = limits{.processes = 2, .grace = grace}.make();
        const temporary_folder folder;
        const auto task = [](const std::string& file, int n, bool to_be_ended) {
            if (n % 10 == 3) {
                if (to_be_ended)
                    never_end();
                await_stop(file);
            }
            append_line(file, std::to_string(n));
        };
        std::vector<std::tuple<std::string, int, bool>> calls;
        for (int n = 0; n != 40; ++n)
            calls.emplace_back(folder.file("log"), n, deaf);
        procpool::map_options options;
        options.chunk_size = 40;
        options.timeout = 100ms;
        try {
            pool.starmap(task, calls, options);
            BOOST_ERROR("nothing timed out");
        } catch (const procpool::task_timeout& error) {
            const auto* const info = procpool::get_remote_info(error);
            BOOST_TEST_REQUIRE(info != nullptr);
            BOOST_TEST_REQUIRE(info->item_index.has_value());
            BOOST_TEST(*info->item_index == 3U);
        }
        // Every other item has run, once.
        auto lines = lines_of(folder.file("log"));
        std::erase(lines, "began");
        std::erase(lines, "stopped");
        std::vector<int> ran;
        for (const auto& line : lines)
            ran.push_back(std::stoi(line));
        std::sort(ran.begin(), ran.end());
        std::vector<int> expected;
        for (int n = 0; n != 40; ++n)
            if (n % 10 != 3 || !deaf)
                expected.push_back(n);
        BOOST_TEST(ran == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(in_a_chunk_whose_first_item_is_late_the_others_are_not_asked_to_stop) {
    auto pool = limits{}.make();
    const temporary_folder folder;
    const auto task = [](const std::string& file, int n) {
        if (n == 0)
            await_stop(file);
        append_line(file, procpool::this_task::stop_token().stop_requested() ? "asked" : "not asked");
    };
    std::vector<std::tuple<std::string, int>> calls;
    for (int n = 0; n != 4; ++n)
        calls.emplace_back(folder.file("log"), n);
    procpool::map_options options;
    options.chunk_size = 4;
    options.timeout = 200ms;
    BOOST_CHECK_THROW(pool.starmap(task, calls, options), procpool::task_timeout);
    const std::vector<std::string> expected{"began",     "stopped",   "asked",
                                            "not asked", "not asked", "not asked"};
    BOOST_TEST(lines_of(folder.file("log")) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_waits_behind_a_task_that_is_ended_goes_elsewhere) {
    auto pool = limits{.processes = 1, .grace = 20ms}.make();
    auto late = pool.apply_async(within(20ms), procpool::fn<never_end>);
    std::vector<procpool::async_result<int>> behind;
    for (int i = 0; i != 100; ++i)
        behind.push_back(pool.apply_async([](int n) { return n; }, i));
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(behind[static_cast<std::size_t>(i)].get() == i);
    BOOST_CHECK_THROW(late.get(), procpool::task_timeout);
}

BOOST_AUTO_TEST_CASE(a_task_that_times_out_may_be_cancelled_too) {
    auto pool = limits{}.make();
    const gate gate;
    auto late = pool.apply_async(within(1ms), procpool::fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(late.cancel());
    gate.open();
    BOOST_CHECK_THROW(late.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(short_time_outs_and_short_tasks_end_in_one_of_two_ways) {
    auto pool = limits{.processes = 2}.make();
    int values = 0;
    for (int round = 0; round != 2000; ++round) {
        auto result = pool.apply_async(
            within(std::chrono::microseconds(1 + round / 10)), [](int n) { return n; }, round);
        try {
            BOOST_TEST_REQUIRE(result.get() == round);
            ++values;
        } catch (const procpool::task_timeout&) {
        }
    }
    BOOST_TEST_MESSAGE(values << " of 2000 were in time");
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// async_result::cancel: tasks that are not run any more, tasks that stop, and tasks that are stopped by
// force.
using namespace std::chrono_literals;
using namespace procpool::test;

BOOST_FIXTURE_TEST_SUITE(cancel, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_that_waits_is_taken_back_and_never_runs) {
    procpool::pool pool(with_grace(1, endless));
    const gate gate;
    const temporary_folder folder;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    std::vector<procpool::async_result<void>> waiting;
    for (int i = 0; i != 100; ++i)
        waiting.push_back(pool.apply_async(procpool::fn<append_line>, folder.file("ran"), "x"));
    for (auto& each : waiting) {
        BOOST_TEST(each.cancel());
        BOOST_TEST(each.ready()); // at once, without a wait
        BOOST_CHECK_THROW(each.get(), procpool::task_cancelled);
    }
    gate.open();
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(pool.apply([] { return 2; }) == 2);
    BOOST_TEST(!exists(folder.file("ran")));
}

BOOST_AUTO_TEST_CASE(the_error_says_what_was_cancelled) {
    procpool::pool pool(with_grace(1, endless));
    const gate gate;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    auto second = pool.apply_async(procpool::fn<own_pid>);
    second.cancel();
    gate.open();
    try {
        second.get();
        BOOST_ERROR("it was not cancelled");
    } catch (const procpool::task_cancelled& error) {
        BOOST_TEST((error.code() == procpool::errc::task_cancelled));
        BOOST_TEST(std::string(error.what()).find("own_pid") != std::string::npos);
        const auto* const info = procpool::get_remote_info(error);
        BOOST_TEST_REQUIRE(info != nullptr);
        BOOST_TEST(info->task_name.ends_with("own_pid"));
    }
}

BOOST_AUTO_TEST_CASE(a_task_that_listens_stops_and_its_worker_goes_on) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    const auto pid = pids_of(pool).at(0);
    for (int round = 0; round != 3; ++round) {
        const auto file = folder.file(std::to_string(round));
        auto result = pool.apply_async(procpool::fn<await_stop>, file);
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
        BOOST_TEST(result.cancel());
        BOOST_CHECK_THROW(result.get(), procpool::task_cancelled); // though it returned a value
        BOOST_TEST(lines_of(file).size() == 2U);
        BOOST_TEST(pool.apply(procpool::fn<own_pid>) == pid);
    }
}

BOOST_AUTO_TEST_CASE(a_task_that_does_not_stop_loses_its_worker_after_the_grace) {
    procpool::pool pool(with_grace(2, 100ms));
    const temporary_folder folder;
    const gate gate;
    auto deaf = pool.apply_async(procpool::fn<ignore_everything>, folder.file("log"));
    auto other = pool.apply_async(procpool::fn<pass>, gate.path(), 7);
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("log"), 1));
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    const auto before = pids_of(pool);
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(deaf.cancel());
    BOOST_TEST_REQUIRE(deaf.wait(patience));
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 100ms));
    BOOST_CHECK_THROW(deaf.get(), procpool::task_cancelled);
    gate.open();
    BOOST_TEST(other.get() == 7);
    std::vector<long> after;
    BOOST_TEST(eventually([&] {
        after = pids_of(pool);
        return after[0] != 0 && after[1] != 0 && after != before;
    }));
    BOOST_TEST((after[0] == before[0]) != (after[1] == before[1])); // one worker was replaced
    BOOST_TEST(pool.map([](int n) { return n + 1; }, std::vector{1, 2, 3}).back() == 4);
}

BOOST_AUTO_TEST_CASE(what_begins_when_a_late_task_ends_by_itself_is_not_lost_with_it) {
    procpool::pool pool(with_grace(1, 2ms));
    const temporary_folder folder;
    for (int round = 0; round != 200; ++round) { // it ends just before or after its worker is to be killed
        const auto file = folder.file(std::to_string(round));
        auto late = pool.apply_async(
            [](const std::string& begun, int microseconds) {
                append_line(begun, "begun");
                std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
            },
            file, 1500 + 100 * (round % 40));
        auto next = pool.apply_async(
            [](int n) {
                std::this_thread::sleep_for(1ms);
                return n;
            },
            round);
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
        late.cancel();
        BOOST_TEST(next.get() == round);
    }
}

BOOST_AUTO_TEST_CASE(asking_again_and_again_does_not_save_a_deaf_task) {
    procpool::pool pool(with_grace(1, 50ms));
    const temporary_folder folder;
    auto deaf = pool.apply_async(procpool::fn<ignore_everything>, folder.file("log"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("log"), 1));
    BOOST_TEST(eventually([&] { return !deaf.cancel(); })); // until there is an outcome
    BOOST_CHECK_THROW(deaf.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(a_stopped_worker_is_ended_too) {
    procpool::pool pool(with_grace(1, 50ms));
    const gate gate;
    auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    stop_process(pids_of(pool).at(0));
    BOOST_TEST(result.cancel());
    BOOST_CHECK_THROW(result.get(patience), procpool::task_cancelled);
    BOOST_TEST(pool.apply([] { return 2; }) == 2);
}

BOOST_AUTO_TEST_CASE(a_task_with_an_outcome_keeps_it) {
    procpool::pool pool(1);
    auto good = pool.apply_async([] { return 5; });
    auto bad = pool.apply_async([]() -> int { throw std::domain_error("no"); });
    BOOST_TEST(good.get() == 5);
    BOOST_CHECK_THROW(bad.get(), std::domain_error);
    BOOST_TEST(!good.cancel());
    BOOST_TEST(!bad.cancel());
    BOOST_TEST(good.get() == 5);
    BOOST_CHECK_THROW(bad.get(), std::domain_error);
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_stays_cancelled_and_the_second_time_says_false) {
    procpool::pool pool(with_grace(1, endless));
    const gate gate;
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    auto second = pool.apply_async([] { return 2; });
    BOOST_TEST(second.cancel());
    BOOST_TEST(!second.cancel());
    gate.open();
    first.get();
    BOOST_CHECK_THROW(second.get(), procpool::task_cancelled);
    BOOST_TEST(!second.successful());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

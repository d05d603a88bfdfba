// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bystander.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Running tasks, and the processes that they started, when their pool is terminated.
namespace {

using namespace std::chrono_literals;
using namespace procpool::test;

/// Has a token, and ignores it.
void listen_and_go_on(const std::string& file) {
    const auto token = procpool::this_task::stop_token();
    append_line(file, "began");
    sleep_for_ever();
}

/// Starts another program, and writes its process number to `file`.
void start_grandchild(const std::string& file, bool listens) {
    append_line(file + ".pids", std::to_string(start_bystander()));
    if (listens)
        await_stop(file);
    else
        ignore_everything(file);
}

/// Likewise, with a pool of its own, whose workers start more processes.
void start_nested_pool(const std::string& file) {
    procpool::pool nested(2);
    const auto pids = file + ".pids";
    for (const auto& worker : nested.workers())
        append_line(pids, std::to_string(worker.pid.value()));
    append_line(pids, std::to_string(nested.apply([] { return start_bystander(); })));
    ignore_everything(file);
}

std::vector<long> pids_in(const std::string& file) {
    std::vector<long> out;
    for (const auto& line : lines_of(file + ".pids"))
        out.push_back(std::stol(line));
    return out;
}

bool all_gone(const std::vector<long>& pids) {
    return eventually([&] { return std::none_of(pids.begin(), pids.end(), is_alive); });
}

struct fixture : nothing_left_behind {
    temporary_folder folder;
    const std::string file = folder.file("log");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(terminate, fixture)

BOOST_AUTO_TEST_CASE(a_task_that_listens_may_leave_things_in_order) {
    procpool::pool pool(with_grace(2, endless));
    auto result = pool.apply_async(procpool::fn<await_stop>, file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    pool.terminate();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
    pool.join();
    BOOST_TEST(lines_of(file).back() == "stopped");
}

BOOST_AUTO_TEST_CASE(the_destructor_lets_it_too) {
    {
        procpool::pool pool(with_grace(2, endless));
        pool.apply_async(procpool::fn<await_stop>, file);
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    }
    BOOST_TEST(lines_of(file).back() == "stopped");
}

BOOST_AUTO_TEST_CASE(what_it_writes_then_appears) {
    {
        procpool::pool pool(with_grace(2, endless));
        pool.apply_async(
            [](const std::string& path) {
                std::FILE* const out = std::fopen((path + ".out").c_str(), "w");
                await_stop(path);
                std::fputs("in a buffer", out); // not flushed, not closed
            },
            file);
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    }
    BOOST_TEST((lines_of(file + ".out") == std::vector<std::string>{"in a buffer"}));
}

BOOST_AUTO_TEST_CASE(a_task_that_does_not_listen_is_ended_at_once) {
    procpool::pool pool(with_grace(2, endless));
    auto result = pool.apply_async(procpool::fn<ignore_everything>, file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    const auto start = std::chrono::steady_clock::now();
    pool.terminate();
    pool.join();
    BOOST_TEST((std::chrono::steady_clock::now() - start < patience));
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_task_that_listened_before_another_does_not_save_that) {
    procpool::pool pool(with_grace(2, endless));
    std::vector<procpool::async_result<void>> results;
    for (int i = 0; i != 4; ++i)
        results.push_back(pool.apply_async([] { procpool::this_task::stop_token(); }));
    for (auto& each : results)
        each.get();
    pool.apply_async(procpool::fn<ignore_everything>, file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    const auto start = std::chrono::steady_clock::now();
    pool.terminate();
    pool.join();
    BOOST_TEST((std::chrono::steady_clock::now() - start < patience));
}

BOOST_AUTO_TEST_CASE(a_task_that_listens_and_goes_on_is_ended_after_the_grace) {
    procpool::pool pool(with_grace(2, 100ms));
    auto result = pool.apply_async(procpool::fn<listen_and_go_on>, file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    const auto start = std::chrono::steady_clock::now();
    pool.terminate();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated); // without waiting for that
    pool.join();
    const auto took = std::chrono::steady_clock::now() - start;
    BOOST_TEST((took >= 100ms));
    BOOST_TEST((took < patience));
}

BOOST_AUTO_TEST_CASE(a_stopped_worker_is_ended_after_the_grace) {
    procpool::pool pool(with_grace(2, 100ms));
    for (const auto& worker : pool.workers())
        stop_process(worker.pid.value());
    const auto start = std::chrono::steady_clock::now();
    pool.terminate();
    pool.join();
    BOOST_TEST((std::chrono::steady_clock::now() - start < patience));
}

BOOST_AUTO_TEST_CASE(tasks_that_wait_do_not_run_any_more) {
    procpool::pool pool(with_grace(2, endless));
    auto first = pool.apply_async(procpool::fn<await_stop>, file);
    auto second = pool.apply_async(procpool::fn<await_stop>, file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 2));
    std::vector<procpool::async_result<void>> waiting;
    for (int i = 0; i != 1000; ++i)
        waiting.push_back(pool.apply_async(procpool::fn<append_line>, file + ".ran", "x"));
    pool.terminate();
    pool.join();
    for (auto& each : waiting)
        BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
    BOOST_TEST(!exists(file + ".ran"));
}

BOOST_AUTO_TEST_CASE(a_task_that_listens_keeps_its_arguments_while_it_ends) {
    procpool::pool pool(with_grace(2, endless));
    const std::string big(100 * 1024 * 1024, 'x'); // lies in memory that all workers read
    auto result = pool.apply_async(
        [](const std::string& path, std::string_view text) {
            await_stop(path);
            wait_for_file(path + ".go");
            const bool intact = text.find_first_not_of('x') == std::string_view::npos;
            append_line(path, intact ? "intact" : "damaged");
        },
        file, big);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    pool.terminate();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
    append_line(file + ".go", "");
    pool.join();
    BOOST_TEST(lines_of(file).back() == "intact");
}

BOOST_AUTO_TEST_CASE(what_a_task_started_is_gone) {
    for (const bool listens : {false, true}) {
        const auto log = file + std::to_string(listens);
        std::vector<long> grandchildren;
        {
            procpool::pool pool(with_grace(2, endless));
            pool.apply_async(procpool::fn<start_grandchild>, log, listens);
            BOOST_TEST_REQUIRE(wait_for_lines(log, 1));
            grandchildren = pids_in(log);
            BOOST_TEST_REQUIRE(grandchildren.size() == 1U);
            BOOST_TEST(is_alive(grandchildren.front()));
        }
        BOOST_TEST(all_gone(grandchildren));
    }
}

BOOST_AUTO_TEST_CASE(a_pool_inside_a_task_is_gone_with_all_that_it_started) {
    std::vector<long> descendants;
    {
        procpool::pool pool(with_grace(2, endless));
        pool.apply_async(procpool::fn<start_nested_pool>, file);
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
        descendants = pids_in(file);
        BOOST_TEST_REQUIRE(descendants.size() == 3U);
        for (const long pid : descendants)
            BOOST_TEST(is_alive(pid));
    }
    BOOST_TEST(all_gone(descendants));
}

BOOST_AUTO_TEST_CASE(what_a_cancelled_task_started_is_gone_if_it_does_not_listen) {
    procpool::pool pool(with_grace(2, 20ms));
    auto result = pool.apply_async(procpool::fn<start_grandchild>, file, false);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    const auto grandchildren = pids_in(file);
    BOOST_TEST_REQUIRE(is_alive(grandchildren.at(0)));
    result.cancel();
    BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
    BOOST_TEST(all_gone(grandchildren));
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

// Tasks that were lost or timed out run again, if their options say so.
namespace {

using namespace std::chrono_literals;
using namespace procpool::test;

/// Kills its worker in its first `deaths` runs, which `file` counts.
int die_first(const std::string& file, int deaths) {
    append_line(file, "run");
    const auto runs = static_cast<int>(lines_of(file).size());
    if (runs <= deaths)
        kill_itself();
    return runs;
}

/// In its first `times` runs, ends only when its time-out asks it to stop; if `deaf`, not even then.
int be_late_first(const std::string& file, int times, bool deaf) {
    append_line(file, "run");
    const auto runs = static_cast<int>(lines_of(file).size());
    while (runs <= times && (deaf || !procpool::this_task::stop_token().stop_requested()))
        std::this_thread::sleep_for(1ms);
    return runs;
}

int fail(const std::string& file) {
    append_line(file, "run");
    throw std::domain_error("of the task");
}

procpool::pool make_pool(std::size_t processes) {
    procpool::pool_options options;
    options.processes = processes;
    options.terminate_grace = 20ms;
    return procpool::pool(options);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(retries, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_lost_task_runs_again_until_it_succeeds) {
    auto pool = make_pool(2);
    const temporary_folder folder;
    auto result = pool.apply_async(procpool::call_options{.retries = 3}, procpool::fn<die_first>,
                                   folder.file("runs"), 3);
    BOOST_TEST(result.get() == 4);
}

BOOST_AUTO_TEST_CASE(when_the_retries_are_used_up_it_is_lost) {
    auto pool = make_pool(2);
    const temporary_folder folder;
    auto result = pool.apply_async(procpool::call_options{.retries = 2}, procpool::fn<die_first>,
                                   folder.file("runs"), 1000);
    try {
        result.get();
        BOOST_ERROR("it was not lost");
    } catch (const procpool::worker_lost& error) {
        BOOST_TEST(was_killed(error));
        BOOST_TEST(error.task_name().ends_with("die_first"));
    }
    BOOST_TEST(lines_of(folder.file("runs")).size() == 3U);
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(without_retries_a_task_runs_once) {
    auto pool = make_pool(2);
    const temporary_folder folder;
    BOOST_CHECK_THROW(pool.apply(procpool::fn<die_first>, folder.file("a"), 1), procpool::worker_lost);
    BOOST_CHECK_THROW(pool.apply_async(procpool::call_options{.timeout = 20ms}, procpool::fn<be_late_first>,
                                       folder.file("b"), 1, true)
                          .get(),
                      procpool::task_timeout);
    pool.close();
    pool.join();
    BOOST_TEST(lines_of(folder.file("a")).size() == 1U);
    BOOST_TEST(lines_of(folder.file("b")).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_task_that_throws_is_not_tried_again) {
    auto pool = make_pool(1);
    const temporary_folder folder;
    auto result =
        pool.apply_async(procpool::call_options{.retries = 5}, procpool::fn<fail>, folder.file("runs"));
    BOOST_CHECK_THROW(result.get(), std::domain_error);
    pool.close();
    pool.join();
    BOOST_TEST(lines_of(folder.file("runs")).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_task_that_timed_out_runs_again) {
    for (const bool deaf : {false, true}) {
        auto pool = make_pool(2);
        const temporary_folder folder;
        const procpool::call_options options{.timeout = 50ms, .retries = 2};
        auto result = pool.apply_async(options, procpool::fn<be_late_first>, folder.file("runs"), 2, deaf);
        BOOST_TEST(result.get() == 3);
        BOOST_CHECK_THROW(
            pool.apply_async(options, procpool::fn<be_late_first>, folder.file("again"), 1000, deaf).get(),
            procpool::task_timeout);
        BOOST_TEST(lines_of(folder.file("again")).size() == 3U);
    }
}

BOOST_AUTO_TEST_CASE(each_item_of_a_map_has_its_own_retries) {
    for (const std::size_t chunk_size : {1U, 4U, 100U}) {
        auto pool = make_pool(2);
        const temporary_folder folder;
        std::vector<std::tuple<std::string, int>> calls;
        std::vector<int> expected;
        for (int i = 0; i != 12; ++i) {
            calls.emplace_back(folder.file(std::to_string(i)), i % 3);
            expected.push_back(i % 3 + 1);
        }
        procpool::map_options options;
        options.chunk_size = chunk_size;
        options.retries = 2;
        BOOST_TEST(pool.starmap(procpool::fn<die_first>, calls, options) == expected,
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(items_that_are_lost_for_good_leave_the_others_alone) {
    auto pool = make_pool(2);
    const temporary_folder folder;
    std::vector<std::tuple<std::string, int>> calls;
    for (int i = 0; i != 20; ++i)
        calls.emplace_back(folder.file(std::to_string(i)), i == 7 || i == 13 ? 1000 : 0);
    procpool::map_options options;
    options.chunk_size = 20;
    options.retries = 1;
    try {
        pool.starmap(procpool::fn<die_first>, calls, options);
        BOOST_ERROR("no item was lost");
    } catch (const procpool::worker_lost& error) {
        const auto* const info = procpool::get_remote_info(error);
        BOOST_TEST_REQUIRE(info != nullptr);
        BOOST_TEST((info->item_index == std::size_t{7}));
    }
    for (int i = 0; i != 20; ++i)
        BOOST_TEST(lines_of(folder.file(std::to_string(i))).size() == (i == 7 || i == 13 ? 2U : 1U));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_tried_again_can_be_cancelled) {
    auto pool = make_pool(1);
    const temporary_folder folder;
    auto result = pool.apply_async(procpool::call_options{.retries = 1'000'000}, procpool::fn<die_first>,
                                   folder.file("runs"), 2'000'000);
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("runs"), 3));
    BOOST_TEST(result.cancel());
    BOOST_CHECK_THROW(result.get(patience), procpool::task_cancelled);
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_closed_pool_tries_again) {
    auto pool = make_pool(1);
    const temporary_folder folder;
    auto result = pool.apply_async(procpool::call_options{.retries = 2}, procpool::fn<die_first>,
                                   folder.file("runs"), 2);
    pool.close();
    pool.join();
    BOOST_TEST(result.get() == 3);
}

BOOST_AUTO_TEST_CASE(a_terminated_pool_does_not) {
    const temporary_folder folder;
    auto pool = make_pool(1);
    auto result = pool.apply_async(procpool::call_options{.retries = 1'000'000}, procpool::fn<die_first>,
                                   folder.file("runs"), 2'000'000);
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("runs"), 2));
    pool.terminate();
    pool.join();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

// One call in every worker.
using procpool::test::lines_of;
using procpool::test::pids_of;
using procpool::test::temporary_folder;
using namespace procpool::literals;
using namespace std::chrono_literals;

namespace {

std::size_t own_index() {
    return procpool::this_worker::index();
}

int remembered = 0;
void remember(int what) {
    remembered = what;
}
int recall() {
    return remembered;
}

std::size_t length(const std::string& text) {
    return text.size();
}

int fail_in(std::size_t first_bad) {
    if (procpool::this_worker::index() >= first_bad)
        throw std::invalid_argument("worker " + std::to_string(procpool::this_worker::index()));
    return 1;
}

int die_in(std::size_t index) {
    if (procpool::this_worker::index() == index)
        procpool::test::kill_itself();
    return 1;
}

void record(const std::string& file) {
    procpool::test::append_line(file, std::to_string(procpool::this_worker::index()));
}

void hold(const std::string& started, const std::string& go_on) {
    procpool::test::append_line(started, "started");
    procpool::test::wait_for_file(go_on);
}

int die_first(const std::string& file) {
    const bool first = lines_of(file).empty();
    procpool::test::append_line(file, "run");
    if (first)
        procpool::test::kill_itself();
    return 7;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(broadcast, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_worker_runs_it_once_and_results_are_in_the_order_of_indices) {
    procpool::pool pool(4);
    for (int round = 0; round != 20; ++round) {
        BOOST_TEST(pool.broadcast(procpool::fn<own_index>) == (std::vector<std::size_t>{0, 1, 2, 3}),
                   boost::test_tools::per_element());
        BOOST_TEST(pool.broadcast(procpool::fn<procpool::test::own_pid>) == pids_of(pool),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(what_it_leaves_in_a_worker_stays_there) {
    procpool::pool pool(3);
    pool.broadcast(procpool::fn<remember>, 42);
    BOOST_TEST(pool.broadcast(procpool::fn<recall>) == (std::vector<int>{42, 42, 42}),
               boost::test_tools::per_element());
    const auto all = pool.map([](int) { return recall(); }, std::vector<int>(100), {.chunk_size = 1});
    BOOST_TEST(std::count(all.begin(), all.end(), 42) == 100);
}

BOOST_AUTO_TEST_CASE(big_arguments_are_encoded_once_for_all) {
    procpool::pool pool(3);
    const std::string text(20'000'000, 'x');
    BOOST_TEST(pool.broadcast(procpool::fn<length>, text) ==
                   (std::vector<std::size_t>{20'000'000, 20'000'000, 20'000'000}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keywords_and_function_objects_are_tasks_too) {
    procpool::pool pool(2);
    constexpr auto task = procpool::keywords<length>("text"_arg);
    BOOST_TEST(pool.broadcast(task, "text"_arg = "four") == (std::vector<std::size_t>{4, 4}),
               boost::test_tools::per_element());
    int k = 3;
    BOOST_TEST(pool.broadcast(procpool::by_value([k](int n) { return k * n; }), 5) ==
                   (std::vector<int>{15, 15}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_error_of_the_lowest_index_is_thrown) {
    procpool::pool pool(3);
    try {
        pool.broadcast(procpool::fn<fail_in>, std::size_t{1});
        BOOST_ERROR("nothing was thrown");
    } catch (const std::invalid_argument& e) {
        BOOST_TEST(e.what() == "worker 1");
        BOOST_TEST_REQUIRE(procpool::get_remote_info(e) != nullptr);
        BOOST_TEST((procpool::get_remote_info(e)->item_index == std::size_t{1}));
    }
    BOOST_TEST(pool.broadcast(procpool::fn<own_index>).size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_of_it_costs_its_own_call) {
    procpool::pool pool(3);
    auto result = pool.broadcast_async(procpool::fn<die_in>, std::size_t{2});
    BOOST_CHECK_THROW(result.get(), procpool::worker_lost);
    BOOST_TEST(pool.broadcast(procpool::fn<own_index>) == (std::vector<std::size_t>{0, 1, 2}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_busy_worker_runs_it_when_it_has_time) {
    const temporary_folder folder;
    procpool::pool pool(2);
    auto held = pool.apply_async(procpool::fn<hold>, folder.file("started"), folder.file("go"));
    procpool::test::wait_for_file(folder.file("started"));
    auto result = pool.broadcast_async(procpool::fn<record>, folder.file("ran"));
    BOOST_TEST(procpool::test::eventually([&] { return lines_of(folder.file("ran")).size() == 1; }));
    BOOST_TEST(!result.ready());
    procpool::test::append_line(folder.file("go"), "");
    result.get();
    held.get();
    BOOST_TEST(lines_of(folder.file("ran")).size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_replacement_of_a_worker_that_was_killed_runs_what_had_not_begun) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto old = pids_of(pool).front();
    auto held = pool.apply_async(procpool::fn<hold>, folder.file("started"), folder.file("never"));
    procpool::test::wait_for_file(folder.file("started"));
    auto result = pool.broadcast_async(procpool::fn<procpool::test::own_pid>);
    procpool::test::kill_process(old);
    BOOST_CHECK_THROW(held.get(), procpool::worker_lost);
    BOOST_TEST(result.get().front() != old);
}

BOOST_AUTO_TEST_CASE(it_may_be_retried_timed_and_cancelled) {
    const temporary_folder folder;
    procpool::pool pool({.processes = 1, .terminate_grace = 10ms});
    BOOST_TEST(pool.broadcast(procpool::call_options{.retries = 1}, procpool::fn<die_first>,
                              folder.file("runs")) == std::vector<int>{7},
               boost::test_tools::per_element());
    BOOST_CHECK_THROW(pool.broadcast(procpool::call_options{.timeout = 20ms}, procpool::fn<hold>,
                                     folder.file("a"), folder.file("never")),
                      procpool::task_timeout);
    auto result = pool.broadcast_async(procpool::fn<hold>, folder.file("b"), folder.file("never"));
    BOOST_TEST(result.cancel());
    BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(recycled_processes_run_it_once_for_each_worker) {
    const temporary_folder folder;
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1});
    for (int round = 0; round != 10; ++round)
        BOOST_TEST(pool.broadcast(procpool::fn<own_index>) == (std::vector<std::size_t>{0, 1}),
                   boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_ends_with_the_pool) {
    procpool::pool pool(2);
    const temporary_folder folder;
    auto result = pool.broadcast_async(procpool::fn<hold>, folder.file("started"), folder.file("never"));
    pool.terminate();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(pool.broadcast(procpool::fn<own_index>), procpool::pool_closed);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

// Calls for one worker: call_options::worker.
using procpool::call_options;
using procpool::test::gate;
using procpool::test::lines_of;
using procpool::test::pids_of;
using procpool::test::temporary_folder;

namespace {

std::size_t own_index() {
    return procpool::this_worker::index();
}

/// Returns the index of the worker.
std::size_t record(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
    return procpool::this_worker::index();
}

std::size_t die_first(const std::string& file) {
    const bool first = lines_of(file).empty();
    procpool::test::append_line(file, "run");
    if (first)
        procpool::test::kill_itself();
    return procpool::this_worker::index();
}

std::vector<std::string> numbers(int count) {
    std::vector<std::string> out;
    for (int n = 0; n != count; ++n)
        out.push_back(std::to_string(n));
    return out;
}

/// Calls that record 0, 1, 2 and so on, all for the worker `worker`.
std::vector<procpool::async_result<std::size_t>> record_some(procpool::pool& pool, std::size_t worker,
                                                             const std::string& file, int count) {
    std::vector<procpool::async_result<std::size_t>> out;
    for (int n = 0; n != count; ++n)
        out.push_back(pool.apply_async(call_options{.worker = worker}, procpool::fn<record>, file, n));
    return out;
}

/// Occupies worker 1 until the gate is opened.
procpool::async_result<int> hold_worker_1(procpool::pool& pool, const gate& until) {
    auto held =
        pool.apply_async(call_options{.worker = 1}, procpool::fn<procpool::test::pass>, until.path(), 1);
    BOOST_TEST_REQUIRE(until.wait_for_arrival());
    return held;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(pinned, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(it_runs_in_its_worker) {
    procpool::pool pool(3);
    const auto pids = pids_of(pool);
    for (int round = 0; round != 20; ++round)
        for (std::size_t worker = 0; worker != pool.size(); ++worker) {
            const call_options there{.worker = worker};
            BOOST_TEST(pool.apply(there, procpool::fn<own_index>) == worker);
            BOOST_TEST(pool.apply_async(there, procpool::fn<procpool::test::own_pid>).get() == pids[worker]);
            BOOST_TEST(
                pool.async_apply(there, procpool::bind(procpool::fn<own_index>), boost::asio::use_future)
                    .get() == worker);
        }
}

BOOST_AUTO_TEST_CASE(a_busy_worker_runs_them_in_order_while_others_are_idle) {
    const gate held_back;
    const temporary_folder folder;
    procpool::pool pool(2);
    const auto held = hold_worker_1(pool, held_back);
    const auto results = record_some(pool, 1, folder.file("order"), 30);
    BOOST_TEST(pool.apply(procpool::fn<own_index>) == 0u); // work that is not pinned goes to the idle one
    BOOST_TEST(lines_of(folder.file("order")).empty());
    held_back.open();
    for (const auto& each : results)
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(lines_of(folder.file("order")) == numbers(30), boost::test_tools::per_element());
    held.get();
}

BOOST_AUTO_TEST_CASE(the_replacement_of_its_worker_runs_what_had_not_begun_in_order) {
    const gate held_back;
    const temporary_folder folder;
    procpool::pool pool(2);
    const auto old = pids_of(pool)[1];
    auto held =
        pool.apply_async(call_options{.worker = 1}, procpool::fn<procpool::test::pass>, held_back.path(), 1);
    BOOST_TEST_REQUIRE(held_back.wait_for_arrival());
    const auto results = record_some(pool, 1, folder.file("order"), 30);
    auto pid = pool.apply_async(call_options{.worker = 1}, procpool::fn<procpool::test::own_pid>);
    procpool::test::kill_process(old);
    BOOST_CHECK_THROW(held.get(), procpool::worker_lost);
    for (const auto& each : results)
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(lines_of(folder.file("order")) == numbers(30), boost::test_tools::per_element());
    BOOST_TEST(pid.get() != old);
    BOOST_TEST(pid.get() == pids_of(pool)[1]);
}

BOOST_AUTO_TEST_CASE(it_is_retried_in_its_worker) {
    const temporary_folder folder;
    procpool::pool pool(3);
    BOOST_TEST(pool.apply(call_options{.retries = 1, .worker = 2}, procpool::fn<die_first>,
                          folder.file("runs")) == 2u);
    BOOST_TEST(lines_of(folder.file("runs")).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_worker_that_the_pool_does_not_have_is_refused) {
    const temporary_folder folder;
    procpool::pool pool(2);
    for (const std::size_t worker : {std::size_t{2}, std::size_t{70'000}, static_cast<std::size_t>(-1)}) {
        const call_options nowhere{.worker = worker};
        BOOST_CHECK_THROW(pool.apply(nowhere, procpool::fn<record>, folder.file("ran"), 1),
                          std::invalid_argument);
        BOOST_CHECK_THROW(pool.apply_async(nowhere, procpool::fn<record>, folder.file("ran"), 1),
                          std::invalid_argument);
        auto operation = pool.async_apply(
            nowhere, procpool::bind(procpool::fn<record>, folder.file("ran"), 1), boost::asio::use_future);
        BOOST_CHECK_THROW(operation.get(), std::invalid_argument);
    }
    BOOST_CHECK_THROW(pool.broadcast(call_options{.worker = 1}, procpool::fn<record>, folder.file("ran"), 1),
                      std::invalid_argument);
    pool.close();
    pool.join();
    BOOST_TEST(lines_of(folder.file("ran")).empty());
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_removed_runs_what_is_pinned_to_it_first) {
    const gate held_back;
    const temporary_folder folder;
    procpool::pool pool(2);
    const auto held = hold_worker_1(pool, held_back);
    const auto results = record_some(pool, 1, folder.file("order"), 10);
    pool.resize(1);
    BOOST_CHECK_THROW(pool.apply(call_options{.worker = 1}, procpool::fn<own_index>), std::invalid_argument);
    held_back.open();
    for (const auto& each : results)
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(lines_of(folder.file("order")) == numbers(10), boost::test_tools::per_element());
    held.get();
    pool.resize(2);
    BOOST_TEST(pool.apply(call_options{.worker = 1}, procpool::fn<own_index>) == 1u);
}

BOOST_AUTO_TEST_CASE(processes_that_take_turns_run_it_for_their_worker) {
    const temporary_folder folder;
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1});
    for (const auto& each : record_some(pool, 1, folder.file("order"), 10))
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(lines_of(folder.file("order")) == numbers(10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_can_be_cancelled_before_it_begins) {
    const gate held_back;
    const temporary_folder folder;
    procpool::pool pool(2);
    auto held =
        pool.apply_async(call_options{.worker = 0}, procpool::fn<procpool::test::pass>, held_back.path(), 1);
    BOOST_TEST_REQUIRE(held_back.wait_for_arrival());
    auto results = record_some(pool, 0, folder.file("order"), 3);
    BOOST_TEST(results[1].cancel());
    held_back.open();
    BOOST_CHECK_THROW(results[1].get(), procpool::task_cancelled);
    BOOST_TEST(results[2].get() == 0u);
    BOOST_TEST(lines_of(folder.file("order")) == (std::vector<std::string>{"0", "2"}),
               boost::test_tools::per_element());
    held.get();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

// What a pool reports about its workers.
using procpool::test::eventually;
using procpool::test::gate;
using procpool::test::temporary_folder;
using namespace std::chrono_literals;

namespace {

void wait_until_told(const std::string& file) {
    if (!procpool::test::wait_for_file(file))
        throw std::runtime_error("nobody said so");
}

std::uint64_t tasks_done(const procpool::pool& pool) {
    std::uint64_t sum = 0;
    for (const auto& each : pool.workers())
        sum += each.tasks_done;
    return sum;
}

void go_through(const std::string& gate) {
    procpool::test::pass(gate, 0);
}

/// Requires: exactly one worker is busy.
procpool::worker_info busy_worker(const procpool::pool& pool) {
    const auto workers = pool.workers();
    const auto found =
        std::find_if(workers.begin(), workers.end(), [](const auto& each) { return each.busy; });
    if (found == workers.end())
        throw std::logic_error("no worker is busy");
    return *found;
}

std::ptrdiff_t busy_workers(const procpool::pool& pool) {
    const auto workers = pool.workers();
    return std::count_if(workers.begin(), workers.end(), [](const auto& each) { return each.busy; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_info, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_call_and_every_item_counts_when_its_result_is_there) {
    procpool::pool pool(3);
    BOOST_TEST(tasks_done(pool) == 0U);
    for (int i = 0; i != 10; ++i)
        pool.apply([] {});
    BOOST_TEST(tasks_done(pool) == 10U);
    pool.map([](int n) { return n; }, std::vector<int>(1000));
    BOOST_TEST(tasks_done(pool) == 1010U);
    BOOST_CHECK_THROW(pool.apply([] { throw std::logic_error("done all the same"); }), std::logic_error);
    BOOST_TEST(tasks_done(pool) == 1011U);
}

BOOST_AUTO_TEST_CASE(a_worker_is_busy_while_it_has_something_to_do) {
    const temporary_folder folder;
    procpool::pool pool(2);
    BOOST_TEST(busy_workers(pool) == 0);
    const auto one = pool.apply_async(procpool::fn<wait_until_told>, folder.file("go"));
    BOOST_TEST(busy_workers(pool) == 1);
    const auto two = pool.apply_async(procpool::fn<wait_until_told>, folder.file("go"));
    BOOST_TEST(busy_workers(pool) == 2);
    procpool::test::append_line(folder.file("go"), "now");
    one.get();
    two.get();
    BOOST_TEST(busy_workers(pool) == 0);
}

BOOST_AUTO_TEST_CASE(the_running_task_has_a_name_and_a_time) {
    const gate gate;
    procpool::pool pool(2);
    BOOST_TEST(pool.workers()[0].task_name.empty());
    BOOST_TEST((pool.workers()[0].running_for == 0ns));
    const auto one = pool.apply_async(procpool::fn<procpool::test::pass>, gate.path(), 1);
    BOOST_TEST(gate.wait_for_arrival());
    const auto first = busy_worker(pool);
    BOOST_TEST(first.task_name.find("pass") != std::string::npos);
    BOOST_TEST(eventually([&] { return busy_worker(pool).running_for >= first.running_for + 20ms; }));
    BOOST_TEST((busy_worker(pool).running_for < 10min)); // not since the start of the system
    gate.open();
    one.get();
    for (const auto& each : pool.workers()) {
        BOOST_TEST(each.task_name.empty());
        BOOST_TEST((each.running_for == 0ns));
    }
}

BOOST_AUTO_TEST_CASE(the_time_is_that_of_the_item_and_not_of_its_map) {
    const gate first;
    const gate second;
    procpool::pool pool(1);
    const auto items = pool.map_async(
        procpool::fn<go_through>, std::vector<std::string>{first.path(), second.path()}, {.chunk_size = 2});
    BOOST_TEST(first.wait_for_arrival());
    const auto before_the_second = std::chrono::steady_clock::now();
    first.open();
    BOOST_TEST(second.wait_for_arrival());
    const auto running_for = busy_worker(pool).running_for;
    BOOST_TEST((running_for < std::chrono::steady_clock::now() - before_the_second));
    second.open();
    items.get();
}

BOOST_AUTO_TEST_CASE(a_replacement_goes_on_counting) {
    procpool::pool pool(1);
    for (int i = 0; i != 5; ++i)
        pool.apply([] {});
    const auto before = pool.workers()[0];
    BOOST_CHECK_THROW(pool.apply([] { procpool::test::kill_itself(); }), procpool::worker_lost);
    pool.apply([] {});
    const auto after = pool.workers()[0];
    BOOST_TEST(after.index == before.index);
    BOOST_TEST(after.pid.value() != before.pid.value());
    BOOST_TEST(before.restarts == 0U);
    BOOST_TEST(after.restarts == 1U);
    BOOST_TEST(pool.apply([] { return procpool::this_worker::generation(); }) == 1U);
    BOOST_TEST(after.tasks_done >= before.tasks_done + 1);
}

BOOST_AUTO_TEST_CASE(after_the_end_there_is_no_process) {
    procpool::pool pool(2);
    pool.apply([] {});
    pool.terminate();
    pool.join();
    for (const auto& each : pool.workers()) {
        BOOST_TEST(!each.pid.has_value());
        BOOST_TEST(!each.busy);
        BOOST_TEST(each.task_name.empty());
        BOOST_TEST(each.restarts == 1U); // a next process would come after one
    }
    BOOST_TEST(tasks_done(pool) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

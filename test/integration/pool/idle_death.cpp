// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <numeric>
#include <vector>

#if !defined(_WIN32)
#include <signal.h>
#endif

// The death of an idle worker costs nothing.
namespace {

int add_one(int n) {
    return n + 1;
}

/// Kills a sleeping worker, which runs no further instruction.
void kill_asleep(long pid) {
    BOOST_REQUIRE(pid > 1);
    BOOST_TEST(procpool::test::eventually([&] { return procpool::test::is_asleep(pid); }));
    procpool::test::kill_process(pid);
}

void kill_worker(const procpool::pool& pool, std::size_t index) {
    const auto pid = pool.workers()[index].pid.value();
    kill_asleep(pid);
    BOOST_TEST(procpool::test::is_replaced(pool, index, pid));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(idle_death, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(tasks_after_it_succeed) {
    procpool::pool pool(2);
    for (int round = 0; round != 10; ++round) {
        const auto index = static_cast<std::size_t>(round) % 2;
        const auto pid = pool.workers()[index].pid.value();
        kill_asleep(pid);
        // Submitted before the pool can have noticed the death.
        BOOST_TEST(pool.apply(procpool::fn<add_one>, round) == round + 1);
        BOOST_TEST(procpool::test::is_replaced(pool, index, pid));
    }
}

BOOST_AUTO_TEST_CASE(a_map_after_the_death_of_all_succeeds) {
    procpool::pool pool(3);
    std::vector<int> items(300);
    std::iota(items.begin(), items.end(), 0);
    for (int round = 0; round != 5; ++round) {
        const auto pids = procpool::test::pids_of(pool);
        for (const auto pid : pids)
            kill_asleep(pid);
        BOOST_TEST(pool.map(procpool::fn<add_one>, items).back() == 300);
        for (std::size_t index = 0; index != pids.size(); ++index)
            BOOST_TEST(procpool::test::is_replaced(pool, index, pids[index]));
    }
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_worker_that_never_had_a_task_is_replaced_as_often_as_it_is_killed) {
    procpool::pool pool(1);
    for (int round = 0; round != 12; ++round)
        kill_worker(pool, 0);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

#if !defined(_WIN32) // lacks signals
BOOST_AUTO_TEST_CASE(another_signal_does_it_too) {
    procpool::pool pool(2);
    for (int round = 0; round != 5; ++round) {
        for (const int number : {SIGTERM, SIGHUP}) {
            const auto pid = pool.workers()[0].pid.value();
            BOOST_TEST(procpool::test::eventually([&] { return procpool::test::is_asleep(pid); }));
            ::kill(static_cast<pid_t>(pid), number);
            BOOST_TEST(procpool::test::is_replaced(pool, 0, pid));
        }
    }
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}
#endif

BOOST_AUTO_TEST_CASE(a_result_that_was_sent_is_not_lost_with_its_worker) {
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<add_one>, 1);
    BOOST_TEST(
        procpool::test::eventually([&] { return pool.workers()[0].tasks_done == 1 || result.ready(); }));
    kill_worker(pool, 0);
    BOOST_TEST(result.get() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

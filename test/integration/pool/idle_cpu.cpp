// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <thread>
#include <vector>

// While there is no work, no thread or worker spins or polls.
using namespace std::chrono_literals;
using procpool::test::cpu_time;

namespace {

std::chrono::milliseconds cpu_time_of_all(const procpool::pool& pool) {
    auto sum = cpu_time(procpool::test::own_pid());
    for (const auto pid : procpool::test::pids_of(pool))
        sum += cpu_time(pid);
    return sum;
}

/// The CPU time of all processes in a second in which this process only sleeps.
template <class LookOn>
std::chrono::milliseconds used_in_a_second(const procpool::pool& pool, LookOn look_on) {
    const auto before = cpu_time_of_all(pool);
    look_on();
    return cpu_time_of_all(pool) - before;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(idle_cpu, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_pool_without_tasks_uses_no_cpu) {
    procpool::pool pool(4);
    const auto once = [&] {
        return used_in_a_second(pool, [] { std::this_thread::sleep_for(1s); });
    };
    BOOST_TEST(once().count() < 50);
    std::vector<int> items(10'000, 1);
    pool.map([](int n) { return n; }, items);
    BOOST_TEST(once().count() < 50);
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_sleeping_task_uses_no_cpu) {
    procpool::pool pool(2);
    const auto result = pool.apply_async([] { std::this_thread::sleep_for(5s); });
    BOOST_TEST(used_in_a_second(pool, [&] { static_cast<void>(result.wait(1s)); }).count() < 50);
    std::thread other([&] { static_cast<void>(result.wait(1s)); });
    BOOST_TEST(used_in_a_second(pool, [&] { static_cast<void>(result.wait(1s)); }).count() < 50);
    other.join();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

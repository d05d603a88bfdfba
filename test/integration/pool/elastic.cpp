// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// A pool whose workers are started when they are needed, and end when they are not.
using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::fn;
using procpool::pool;

namespace {

int twice(int n) {
    return 2 * n;
}

/// Returns when `count` calls have reached this point.
long meet(const std::string& file, std::size_t count) {
    append_line(file, "here");
    if (!eventually([&] { return lines_of(file).size() >= count; }))
        throw std::runtime_error("the others did not come");
    return own_pid();
}

std::size_t count_of(const pool& of) {
    return of.workers().size();
}

/// Waits until the pool has this many workers, all of which are connected.
bool has(const pool& of, std::size_t workers) {
    return eventually([&] {
        const auto there = of.workers();
        return there.size() == workers &&
               std::all_of(there.begin(), there.end(), [](const auto& each) { return each.pid.has_value(); });
    });
}

/// Lets `calls` calls run at the same time; returns their processes.
std::set<long> run_together(pool& in, std::size_t calls) {
    const temporary_folder folder;
    std::vector<procpool::async_result<long>> results;
    for (std::size_t i = 0; i != calls; ++i)
        results.push_back(in.apply_async(fn<meet>, folder.file("met"), calls));
    std::set<long> out;
    for (const auto& each : results)
        out.insert(each.get());
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(elastic, nothing_left_behind)

BOOST_AUTO_TEST_CASE(it_starts_with_the_minimum_grows_on_demand_and_shrinks_when_idle) {
    pool p({.processes = 4, .min_processes = 1, .idle_timeout = 300ms});
    BOOST_TEST(p.size() == 4u);
    BOOST_TEST(count_of(p) == 1u);
    const auto first = *p.workers().front().pid;
    const auto pids = run_together(p, 4);
    BOOST_TEST(pids.size() == 4u);
    BOOST_TEST(pids.contains(first));
    BOOST_TEST(has(p, 1));
    BOOST_TEST(eventually([&] { // in an orderly way, and completely
        return std::count_if(pids.begin(), pids.end(), [](long pid) { return is_alive(pid); }) == 1;
    }));
    BOOST_TEST(p.apply(fn<twice>, 2) == 4);
    BOOST_TEST(run_together(p, 4).size() == 4u); // the indices are used again
    BOOST_TEST(p.stats().lost == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_minimum_of_its_own_a_pool_has_all) {
    pool p(3);
    BOOST_TEST(count_of(p) == 3u);
}

BOOST_AUTO_TEST_CASE(a_pool_may_have_no_process_at_all) {
    pool p({.processes = 2, .min_processes = 0, .idle_timeout = 0ns});
    BOOST_TEST(count_of(p) == 0u);
    for (int i = 0; i != 3; ++i) {
        BOOST_TEST(p.apply(fn<twice>, i) == 2 * i);
        BOOST_TEST(eventually([&] { return count_of(p) == 0; }));
    }
    BOOST_TEST(p.map(fn<twice>, std::vector<int>(1000, 3)) == std::vector<int>(1000, 6),
               boost::test_tools::per_element());
    pool unused({.processes = 2, .min_processes = 0});
    unused.close();
    unused.join();
}

BOOST_AUTO_TEST_CASE(what_a_worker_holds_goes_to_the_ones_that_are_started) {
    const temporary_folder folder;
    pool p({.processes = 3, .min_processes = 1});
    auto held = p.apply_async(fn<pass>, folder.file("gate"), 1);
    auto others = p.map_async(fn<twice>, std::vector<int>(100, 1));
    BOOST_TEST(others.get() == std::vector<int>(100, 2), boost::test_tools::per_element());
    BOOST_TEST(!held.ready());
    append_line(folder.file("gate"), "");
    held.get();
}

BOOST_AUTO_TEST_CASE(a_call_that_names_a_worker_starts_it) {
    pool p({.processes = 4, .min_processes = 1});
    BOOST_TEST(p.apply({.worker = 3}, [] { return procpool::this_worker::index(); }) == 3u);
    std::set<std::size_t> there;
    for (const auto& each : p.workers())
        there.insert(each.index);
    BOOST_TEST(there == (std::set<std::size_t>{0, 3}), boost::test_tools::per_element());
    BOOST_CHECK_THROW(p.apply({.worker = 4}, fn<twice>, 1), std::invalid_argument);
    const auto indices = p.broadcast([] { return procpool::this_worker::index(); });
    BOOST_TEST(indices == (std::vector<std::size_t>{0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(workers_that_die_or_are_used_up_are_replaced_as_needed) {
    pool p({.processes = 3, .max_tasks_per_worker = 2, .min_processes = 0, .idle_timeout = 50ms});
    for (int round = 0; round != 3; ++round) {
        BOOST_CHECK_THROW(p.apply(fn<kill_itself>), procpool::worker_lost);
        BOOST_TEST(p.map(fn<twice>, std::vector<int>(20, 3)) == std::vector<int>(20, 6),
                   boost::test_tools::per_element());
        BOOST_TEST(eventually([&] { return count_of(p) == 0; }));
    }
    pool kept({.processes = 3, .min_processes = 2});
    kill_process(*kept.workers().front().pid);
    BOOST_TEST(eventually([&] {
        const auto there = kept.workers();
        return there.size() == 2 && there.front().restarts == 1 && there.front().pid;
    }));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_fails_the_calls_that_wait) {
    std::atomic<bool> fails = true;
    pool p({.processes = 50, .min_processes = 0, .settings_for = [&](std::size_t) {
                if (fails)
                    throw std::runtime_error("no CPU is free");
                return procpool::worker_settings{};
            }});
    BOOST_CHECK_THROW(p.apply(fn<twice>, 1), procpool::start_failed);
    BOOST_CHECK_THROW(p.apply(fn<twice>, 1), procpool::start_failed);
    fails = false;
    p.resize(p.size());
    BOOST_TEST(p.apply(fn<twice>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(it_can_be_resized) {
    pool p({.processes = 4, .min_processes = 2, .idle_timeout = 100ms});
    p.resize(1);
    BOOST_TEST(has(p, 1));
    p.resize(6);
    BOOST_TEST(p.workers().back().pid.has_value()); // the minimum counts again, and is ready
    BOOST_TEST(has(p, 2));                          // one that was too many may have been ending
    BOOST_TEST(run_together(p, 6).size() == 6u);
    p.resize(3);
    BOOST_TEST(has(p, 2));
}

BOOST_AUTO_TEST_CASE(it_ends_while_workers_are_started_and_ended) {
    for (int round = 0; round != 10; ++round) {
        pool p({.processes = 4, .min_processes = 0, .idle_timeout = 1ms});
        auto results = p.map_async(fn<twice>, std::vector<int>(100, 1));
        if (round % 2 == 0)
            results.get();
        if (round % 3 == 0) {
            p.close();
            p.join();
            BOOST_TEST(results.get().size() == 100u);
        }
    }
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
    BOOST_CHECK_THROW(pool({.processes = 2, .min_processes = 3}), std::invalid_argument);
    BOOST_CHECK_THROW(pool({.processes = 2, .min_processes = 1, .idle_timeout = -1ns}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(pool({.processes = 0, .min_processes = 0}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

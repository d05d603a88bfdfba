// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

// A worker whose ring is full of frames that were taken back reports no outcomes, and yet must be given more
// work.
using procpool::test::eventually;
using namespace std::chrono_literals;

namespace {

int twice(int n) {
    return 2 * n;
}

std::size_t length(const std::string& text) {
    return text.size();
}

/// The pool learns that tasks are short, and gives many ahead.
void run_short(procpool::pool& pool, int calls) {
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != calls; ++i)
        results.push_back(pool.apply_async(procpool::fn<twice>, i));
    for (const auto& each : results)
        each.wait();
}

bool still_works(procpool::pool& pool) {
    const auto result = pool.apply_async(procpool::fn<twice>, 21);
    return result.wait(20s) && result.get() == 42;
}

/// Longer than a ring in all, which has room for eight of them.
std::vector<std::string> more_than_a_ring() {
    return std::vector<std::string>(64, std::string(15'000, 'x'));
}

/// Stops the first worker while it waits for work. Returns its pid.
long stop_idle_worker(procpool::pool& pool) {
    run_short(pool, 2000);
    const auto pid = procpool::test::pids_of(pool).front();
    BOOST_REQUIRE(eventually([&] { return procpool::test::is_asleep(pid); }));
    procpool::test::stop_process(pid);
    BOOST_REQUIRE(eventually([&] { return procpool::test::is_stopped(pid); }));
    return pid;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(full_ring, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_stream_that_is_left_early_leaves_a_pool_that_works) {
    const auto input = more_than_a_ring();
    for (const std::size_t workers : {1U, 2U}) {
        procpool::pool pool(workers);
        for (int round = 0; round != 150; ++round) {
            run_short(pool, 30);
            int left = 1 + round % 40;
            for (const auto each :
                 pool.imap(procpool::fn<length>, input, {.chunk_size = 1, .max_in_flight = 64})) {
                BOOST_REQUIRE(each == 15'000u);
                if (--left == 0)
                    break;
            }
            BOOST_TEST_INFO_SCOPE("workers " << workers << ", round " << round);
            BOOST_REQUIRE(still_works(pool));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_stream_that_nobody_reads_leaves_a_pool_that_works) {
    const std::vector<std::string> input(256, std::string(1000, 'x'));
    procpool::pool pool(1);
    for (int round = 0; round != 150; ++round) {
        run_short(pool, 30);
        static_cast<void>(pool.imap(procpool::fn<length>, input, {.chunk_size = 1, .max_in_flight = 256}));
        BOOST_TEST_INFO_SCOPE("round " << round);
        BOOST_REQUIRE(still_works(pool));
    }
}

BOOST_AUTO_TEST_CASE(a_worker_that_passes_what_was_taken_back_is_given_what_waits) {
    const auto input = more_than_a_ring();
    procpool::pool pool(1);
    const auto pid = stop_idle_worker(pool);
    static_cast<void>(pool.imap(procpool::fn<length>, input, {.chunk_size = 1, .max_in_flight = 64}));
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 100; ++i)
        results.push_back(pool.apply_async(procpool::fn<twice>, i));
    BOOST_TEST(!results.front().wait(20ms));
    procpool::test::continue_process(pid);
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(results[static_cast<std::size_t>(i)].get(20s) == 2 * i);
}

BOOST_AUTO_TEST_CASE(more_frames_than_there_are_places_for_are_given_when_it_passes_them) {
    procpool::pool pool(1);
    const auto pid = stop_idle_worker(pool);
    for (int i = 0; i != 3; ++i) {
        const std::vector<int> input(900, i);
        static_cast<void>(pool.imap(procpool::fn<twice>, input, {.chunk_size = 1, .max_in_flight = 900}));
    }
    const auto result = pool.apply_async(procpool::fn<twice>, 21);
    BOOST_TEST(!result.wait(20ms));
    procpool::test::continue_process(pid);
    BOOST_TEST(result.get(20s) == 42);
}

// The calls are pinned, so that none goes to the other worker before the ring is full.
BOOST_AUTO_TEST_CASE(a_stopped_worker_with_a_full_ring_costs_its_pool_no_time) {
    procpool::pool pool(2);
    const auto pid = stop_idle_worker(pool);
    std::vector<procpool::async_result<std::size_t>> pinned;
    for (const auto& text : more_than_a_ring())
        pinned.push_back(pool.apply_async({.worker = 0U}, procpool::fn<length>, text));
    for (auto& each : pinned)
        BOOST_TEST(each.cancel());
    BOOST_TEST(still_works(pool));
    procpool::test::continue_process(pid);
    BOOST_TEST(still_works(pool));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

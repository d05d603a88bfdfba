// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

// Stopped workers delay only their own tasks.
using procpool::test::eventually;

namespace {

int add_one(int n) {
    return n + 1;
}

std::size_t length(const std::string& text) {
    return text.size();
}

/// Stops workers until the end of the scope.
class stopped_workers {
  public:
    stopped_workers(const procpool::pool& of, std::size_t count) {
        const auto pids = procpool::test::pids_of(of);
        for (std::size_t i = 0; i != count; ++i) {
            const auto pid = pids[i];
            BOOST_REQUIRE(eventually([&] { return procpool::test::is_asleep(pid); }));
            procpool::test::stop_process(pid);
            BOOST_REQUIRE(eventually([&] { return procpool::test::is_stopped(pid); }));
            pids_.push_back(pid);
        }
    }
    stopped_workers(const stopped_workers&) = delete;
    stopped_workers& operator=(const stopped_workers&) = delete;
    ~stopped_workers() {
        for (const auto pid : pids_)
            procpool::test::continue_process(pid);
    }

  private:
    std::vector<long> pids_;
};

/// The pool learns that tasks are short, and gives many ahead.
void run_short(procpool::pool& pool) {
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 2000; ++i)
        results.push_back(pool.apply_async(procpool::fn<add_one>, i));
    for (const auto& each : results)
        each.wait();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stopped_worker, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_hundred_thousand_calls_are_accepted) {
    constexpr int calls = 100'000;
    procpool::pool pool(2);
    run_short(pool);
    std::vector<procpool::async_result<int>> results;
    {
        const stopped_workers stopped(pool, 2);
        for (int i = 0; i != calls; ++i)
            results.push_back(pool.apply_async(procpool::fn<add_one>, i));
        BOOST_CHECK_THROW(results.front().get(std::chrono::milliseconds(10)), procpool::wait_timeout);
    }
    int wrong = 0;
    for (int i = 0; i != calls; ++i)
        wrong += results[static_cast<std::size_t>(i)].get() != i + 1;
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(more_bytes_than_the_channel_holds_are_accepted) {
    procpool::pool pool(2);
    run_short(pool);
    std::vector<procpool::async_result<std::size_t>> results;
    {
        const stopped_workers stopped(pool, 2);
        for (std::size_t i = 0; i != 500; ++i)
            results.push_back(pool.apply_async(procpool::fn<length>, std::string(i * 100, 'x')));
    }
    for (std::size_t i = 0; i != results.size(); ++i)
        BOOST_TEST(results[i].get() == i * 100);
}

BOOST_AUTO_TEST_CASE(other_workers_get_on) {
    for (const int others : {1, 3}) {
        procpool::pool pool(static_cast<std::size_t>(others) + 1);
        for (const bool ahead : {false, true}) {
            if (ahead)
                run_short(pool);
            std::vector<procpool::async_result<int>> results;
            const stopped_workers stopped(pool, static_cast<std::size_t>(others));
            for (int i = 0; i != 100; ++i)
                results.push_back(pool.apply_async(procpool::fn<add_one>, i));
            // The stopped workers may keep the tasks that they would run next.
            BOOST_TEST(eventually([&] {
                return std::count_if(results.begin(), results.end(),
                                     [](const auto& r) { return r.ready(); }) >= 100 - others;
            }));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_in_a_full_channel_makes_room) {
    procpool::pool pool(1);
    run_short(pool);
    std::vector<procpool::async_result<std::size_t>> cancelled;
    procpool::async_result<int> next = [&] {
        const stopped_workers stopped(pool, 1);
        for (int i = 0; i != 100; ++i)
            cancelled.push_back(pool.apply_async(procpool::fn<length>, std::string(10'000, 'x')));
        for (auto& each : cancelled)
            BOOST_TEST(each.cancel());
        return pool.apply_async(procpool::fn<add_one>, 1);
    }();
    BOOST_TEST(next.wait(procpool::test::patience));
    for (const auto& each : cancelled)
        BOOST_CHECK_THROW(each.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(a_stopped_worker_can_be_ended) {
    std::vector<procpool::async_result<int>> results;
    const auto begin = std::chrono::steady_clock::now();
    {
        procpool::pool pool(2);
        for (const auto pid : procpool::test::pids_of(pool))
            procpool::test::stop_process(pid);
        for (int i = 0; i != 10; ++i)
            results.push_back(pool.apply_async(procpool::fn<add_one>, i));
    }
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)));
    for (const auto& each : results)
        BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_call_waits_for_the_idle_worker_that_it_was_given_to) {
    for (const auto end : {procpool::test::kill_process, procpool::test::continue_process}) {
        procpool::pool pool(1);
        const auto pid = procpool::test::pids_of(pool)[0];
        procpool::test::stop_process(pid);
        auto call = pool.apply_async(procpool::fn<add_one>, 1);
        BOOST_CHECK_THROW(call.get(std::chrono::milliseconds(50)), procpool::wait_timeout);
        end(pid);
        BOOST_TEST(call.get() == 2);
    }
}

// A pool that ends waits for a stopped worker, which is not treated as dead, since its results may be wanted.

BOOST_AUTO_TEST_CASE(a_pool_grows_again_when_a_stopped_worker_that_was_too_many_is_killed_or_goes_on) {
    for (const auto end : {procpool::test::kill_process, procpool::test::continue_process}) {
        procpool::pool pool(2);
        const auto pid = procpool::test::pids_of(pool)[1];
        procpool::test::stop_process(pid);
        pool.resize(1);
        BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
        std::thread growing([&] { pool.resize(2); });
        BOOST_TEST(eventually([&] { return pool.size() == 2U; }));
        BOOST_TEST(pool.apply(procpool::fn<add_one>, 2) == 3);
        end(pid);
        growing.join();
        BOOST_TEST(procpool::test::pids_of(pool)[1] != pid);
    }
}

BOOST_AUTO_TEST_CASE(a_closed_pool_with_a_stopped_worker_can_be_terminated) {
    procpool::pool pool(2);
    procpool::test::stop_process(procpool::test::pids_of(pool)[0]);
    pool.close();
    std::thread waiting([&] { pool.join(); });
    pool.terminate();
    waiting.join();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/detached.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

// close(), terminate(), join() and the destructor.
using namespace std::chrono_literals;

namespace {

int add_one(int n) {
    return n + 1;
}

void sleep_long() {
    std::this_thread::sleep_for(30s);
}

/// Checks that every submitting function throws.
void check_closed(procpool::pool& pool) {
    const std::vector<int> some{1, 2};
    const std::vector<int> none;
    const std::vector<std::pair<int, int>> no_pairs;
    const auto sum = [](int a, int b) {
        return a + b;
    };
    BOOST_CHECK_THROW(pool.apply(procpool::fn<add_one>, 1), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.apply_async(procpool::fn<add_one>, 1), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.map(procpool::fn<add_one>, some), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.map(procpool::fn<add_one>, none), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.map_async(procpool::fn<add_one>, none), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.starmap(sum, no_pairs), procpool::pool_closed);
    BOOST_CHECK_THROW(pool.starmap_async(sum, no_pairs), procpool::pool_closed);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(ending, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(an_open_pool_cannot_be_joined) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.join(), std::logic_error);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(a_closed_pool_takes_no_more_work) {
    procpool::pool pool(2);
    pool.close();
    check_closed(pool);
    pool.join();
    check_closed(pool);
}

BOOST_AUTO_TEST_CASE(a_terminated_pool_takes_no_more_work) {
    procpool::pool pool(2);
    pool.terminate();
    check_closed(pool);
    pool.join();
    check_closed(pool);
}

BOOST_AUTO_TEST_CASE(what_was_accepted_before_close_is_finished) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 2000; ++i)
        results.push_back(pool.apply_async(procpool::fn<add_one>, i));
    const auto mapped = pool.map_async(procpool::fn<add_one>, std::vector<int>(1000, 1));
    pool.close();
    pool.join();
    std::size_t ready = 0;
    for (const auto& each : results)
        ready += each.ready();
    BOOST_TEST(ready == 2000U);
    BOOST_TEST(results[1999].get() == 2000);
    BOOST_TEST(mapped.ready());
    BOOST_TEST((mapped.get() == std::vector<int>(1000, 2)));
}

BOOST_AUTO_TEST_CASE(no_worker_is_left_after_join) {
    procpool::pool pool(3);
    const auto pids = procpool::test::pids_of(pool);
    pool.close();
    pool.join();
    for (const auto pid : pids)
        BOOST_TEST(procpool::test::find_process(pid).pid == 0); // not even a zombie
    BOOST_TEST(pool.size() == 3U);
    BOOST_TEST((procpool::test::pids_of(pool) == std::vector<long>(3, 0)));
}

BOOST_AUTO_TEST_CASE(ends_may_be_repeated_in_any_order) {
    for (int order = 0; order != 5; ++order) {
        procpool::pool pool(1);
        const auto result = pool.apply_async(procpool::fn<add_one>, 1);
        result.wait();
        if (order != 1)
            pool.close();
        if (order % 2 == 0)
            pool.close();
        if (order != 0)
            pool.terminate();
        if (order == 2)
            pool.terminate();
        pool.join();
        pool.join();
        pool.close();
        pool.terminate();
        pool.join();
        BOOST_TEST(result.get() == 2);
    }
}

BOOST_AUTO_TEST_CASE(several_threads_may_end_a_pool_at_once) {
    for (int round = 0; round != 10; ++round) {
        procpool::pool pool(2);
        const auto result = pool.apply_async(procpool::fn<add_one>, 1);
        std::vector<std::thread> threads;
        for (int i = 0; i != 6; ++i)
            threads.emplace_back([&, i] {
                if (i % 2 == 0)
                    pool.close();
                else
                    pool.terminate();
                pool.join();
            });
        for (auto& each : threads)
            each.join();
        BOOST_TEST(result.ready());
    }
}

BOOST_AUTO_TEST_CASE(a_pool_may_be_ended_while_a_worker_is_being_replaced) {
    for (int round = 0; round != 10; ++round) {
        procpool::pool pool(2);
        const auto lost = pool.apply_async([] { procpool::test::kill_itself(); });
        BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
        if (round % 2 == 0)
            pool.close();
        else
            pool.terminate();
        pool.join();
    }
}

BOOST_AUTO_TEST_CASE(a_pool_can_be_moved) {
    procpool::pool first(2);
    const auto pids = procpool::test::pids_of(first);
    const auto before = first.apply_async(procpool::fn<add_one>, 1);
    procpool::pool second(std::move(first));
    BOOST_TEST(before.get() == 2);
    BOOST_TEST(second.apply(procpool::fn<add_one>, 2) == 3);
    BOOST_TEST((procpool::test::pids_of(second) == pids));
    procpool::pool third(1);
    const auto replaced = third.apply_async(procpool::fn<sleep_long>);
    third = std::move(second);
    BOOST_CHECK_THROW(replaced.get(), procpool::pool_terminated);
    BOOST_TEST(third.size() == 2U);
    BOOST_TEST(third.apply(procpool::fn<add_one>, 3) == 4);
}

BOOST_AUTO_TEST_CASE(the_thread_that_made_a_pool_may_end) {
    std::unique_ptr<procpool::pool> pool;
    std::thread([&] { pool = std::make_unique<procpool::pool>(2); }).join();
    BOOST_TEST(pool->apply(procpool::fn<add_one>, 1) == 2);
    // The replacement is not bound to a thread either.
    const auto lost = pool->apply_async([] { procpool::test::kill_itself(); });
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
    std::thread([&] { BOOST_TEST(pool->apply(procpool::fn<add_one>, 2) == 3); }).join();
    BOOST_TEST(pool->apply(procpool::fn<add_one>, 3) == 4);
}

BOOST_AUTO_TEST_CASE(every_member_of_a_pool_that_was_moved_from_throws) {
    procpool::pool from(1);
    procpool::pool to(std::move(from));
    const std::vector<int> items{1, 2};
    const auto task = [](int n) {
        return n;
    };
    BOOST_CHECK_THROW(from.apply(task, 1), std::logic_error);
    BOOST_CHECK_THROW(from.apply_async(task, 1), std::logic_error);
    BOOST_CHECK_THROW(from.map(task, items), std::logic_error);
    BOOST_CHECK_THROW(from.map_reduce(
                          task, items, [](int a, int b) { return a + b; }, 0),
                      std::logic_error);
    BOOST_CHECK_THROW(from.imap(task, items), std::logic_error);
    BOOST_CHECK_THROW(from.broadcast(task, 1), std::logic_error);
    BOOST_CHECK_THROW(from.async_apply(procpool::bind(task, 1), boost::asio::detached), std::logic_error);
    BOOST_CHECK_THROW(from.resize(2), std::logic_error);
    BOOST_CHECK_THROW(from.workers(), std::logic_error);
    BOOST_CHECK_THROW(from.close(), std::logic_error);
    BOOST_CHECK_THROW(from.join(), std::logic_error);
    from.terminate();
    BOOST_TEST(from.size() == 0U);
    BOOST_TEST(to.apply(task, 3) == 3);
    from = std::move(to);
    BOOST_TEST(from.apply(task, 4) == 4);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/callback_place.hpp"
#include "support/event.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/data/test_case.hpp>

#include <atomic>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

// Where callbacks run, also when their pool ends or has ended.
namespace {

using namespace procpool::test;

int twice(int n) {
    return 2 * n;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(callback_executor, procpool::test::nothing_left_behind)

BOOST_DATA_TEST_CASE(a_callback_runs_after_its_pool_is_gone, places) {
    callback_place where(sample);
    std::optional<procpool::async_result<int>> good;
    std::optional<procpool::async_result<int>> bad;
    const gate never;
    {
        const auto pool = where.make_pool(1);
        good = pool->apply_async(procpool::fn<twice>, 21);
        BOOST_TEST(good->get() == 42);
        bad = pool->apply_async(procpool::fn<pass>, never.path(), 1);
    }
    event called;
    std::atomic<int> got{0};
    good->on_success([&](int value) {
        got = value;
        called.happen();
    });
    bad->on_error([&](const std::exception_ptr&) { called.happen(); });
    BOOST_TEST(called.wait(2));
    BOOST_TEST(got == 42);
    BOOST_CHECK_THROW(bad->get(), procpool::pool_terminated);
    BOOST_TEST(!good->cancel());
}

BOOST_DATA_TEST_CASE(callbacks_of_a_terminated_pool_run_before_join_returns, places) {
    callback_place where(sample);
    const gate never;
    const auto pool = where.make_pool(1);
    std::atomic<int> told{0};
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 100; ++i) {
        results.push_back(pool->apply_async(procpool::fn<pass>, never.path(), i));
        results.back().on_error([&](const std::exception_ptr&) { ++told; });
    }
    pool->terminate();
    pool->join();
    BOOST_TEST(told == 100);
    for (auto& each : results)
        BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
}

BOOST_DATA_TEST_CASE(callbacks_run_where_the_option_says, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(3);
    std::atomic<int> together{0};
    std::atomic<int> overlaps{0};
    std::atomic<int> strangers{0};
    int called = 0;
    for (int i = 0; i != 500; ++i) {
        pool->apply_async(procpool::fn<twice>, i).on_success([&, caller = std::this_thread::get_id()](int) {
            overlaps += together++ != 0;
            const auto here = std::this_thread::get_id();
            strangers += here == caller || (sample == place::io_context && here != where.runner());
            ++called;
            --together;
        });
    }
    pool->close();
    pool->join();
    BOOST_TEST(called == 500);
    BOOST_TEST(overlaps == 0);
    BOOST_TEST(strangers == 0);
}

BOOST_AUTO_TEST_CASE(a_pool_may_go_before_its_executor_runs) {
    boost::asio::io_context context;
    int called = 0;
    std::optional<procpool::async_result<int>> result;
    {
        procpool::pool_options options;
        options.processes = 1;
        options.executor = context.get_executor();
        procpool::pool pool(options);
        const gate gate;
        result = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
        result->on_success([&](int) { ++called; });
        auto other = pool.apply_async(procpool::fn<twice>, 1);
        gate.open();
        BOOST_TEST(other.get() == 2); // the first has ended before
        BOOST_TEST(!result->ready()); // its callback has not run
    }
    BOOST_TEST(called == 0);
    context.run();
    BOOST_TEST(called == 1);
    BOOST_TEST(result->get() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

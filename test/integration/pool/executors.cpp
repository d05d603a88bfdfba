// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/eventually.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/streams.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

// An executor that has stopped, was never run, or is run by the waiting thread: the value is available
// nevertheless.
namespace asio = boost::asio;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int twice(int n) {
    return 2 * n;
}

procpool::pool_options on(const asio::any_io_executor& executor) {
    procpool::pool_options options;
    options.processes = 1;
    options.executor = executor;
    return options;
}

/// Reads results in every way; each has callbacks for the executor.
void read_in_every_way(procpool::pool& pool, std::atomic<int>& called) {
    auto one = pool.apply_async(procpool::fn<twice>, 21);
    one.on_success([&](int) { ++called; });
    BOOST_TEST(one.get() == 42);
    BOOST_TEST(one.ready());
    auto another = pool.apply_async(procpool::fn<twice>, 4);
    another.on_success([&](int) { ++called; });
    BOOST_TEST(another.wait(20s));
    std::vector<procpool::async_result<int>> several{pool.apply_async(procpool::fn<twice>, 1)};
    several.front().on_success([&](int) { ++called; });
    BOOST_TEST(procpool::wait_any(several) == 0u);
    const procpool::map_options told{.on_progress = [&](const procpool::progress& how) {
        called += how.total == how.done;
    }};
    BOOST_TEST((pool.map(procpool::fn<square>, numbers(3), told) == squares(3)));
    BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(3), told)) == squares(3)));
}
constexpr int callbacks_of_every_way = 5;

} // namespace

BOOST_FIXTURE_TEST_SUITE(executors, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_thread_that_runs_the_executor_may_wait) {
    asio::io_context context;
    procpool::pool pool(on(context.get_executor()));
    std::atomic<int> called{0};
    asio::post(context, [&] { read_in_every_way(pool, called); });
    context.run();
    BOOST_TEST(called == callbacks_of_every_way);
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(callbacks_of_what_that_thread_waits_for_have_run_when_it_goes_on) {
    asio::io_context context;
    procpool::pool pool(on(context.get_executor()));
    bool had_run = false;
    std::thread::id where;
    asio::post(context, [&] {
        bool called = false;
        const gate gate;
        auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
        result.on_success([&](int) {
            called = true;
            where = std::this_thread::get_id();
        });
        gate.open();
        result.get();
        had_run = called;
    });
    context.run();
    BOOST_TEST(had_run);
    BOOST_TEST((where == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(a_thread_in_a_strand_or_in_a_pool_of_one_thread_may_wait) {
    asio::thread_pool threads(1);
    procpool::pool pool(on(asio::make_strand(threads.get_executor())));
    std::atomic<int> called{0};
    event done;
    asio::post(threads, [&] {
        read_in_every_way(pool, called);
        done.happen();
    });
    const bool in_time = done.wait(); // meanwhile the other thread uses Boost.Test
    BOOST_TEST(in_time);
    pool.close();
    pool.join(); // a wait that has not waited for its callback may have ended before the executor got it
    threads.join();
    BOOST_TEST(called == callbacks_of_every_way);
}

BOOST_AUTO_TEST_CASE(wait_any_runs_callbacks_that_were_due_before_it_was_called) {
    asio::io_context context;
    procpool::pool pool(on(context.get_executor()));
    bool called = false;
    asio::post(context, [&] {
        const gate gate;
        std::vector<procpool::async_result<int>> results{
            pool.apply_async(procpool::fn<pass>, gate.path(), 1)};
        results.front().on_success([&](int) { called = true; }); // before there is an outcome
        gate.open();
        const auto later = pool.apply_async(procpool::fn<twice>, 2);
        BOOST_REQUIRE(eventually([&] { return later.ready(); })); // so the first result has its outcome
        BOOST_TEST(!results.front().ready());
        const auto first = procpool::wait_any(results, 20s);
        BOOST_TEST((first == 0U));
        BOOST_TEST(called);
    });
    context.run();
}

BOOST_AUTO_TEST_CASE(callbacks_on_a_stopped_executor_follow_when_it_goes_on) {
    asio::io_context context;
    context.stop();
    procpool::pool pool(on(context.get_executor()));
    std::atomic<int> called{0};
    read_in_every_way(pool, called);
    BOOST_TEST(called == 0);
    pool.close();
    pool.join();
    context.restart();
    context.run();
    BOOST_TEST(called == callbacks_of_every_way);
}

BOOST_AUTO_TEST_CASE(callbacks_on_an_executor_that_is_not_run_follow_when_it_is) {
    asio::io_context context;
    procpool::pool pool(on(context.get_executor()));
    std::atomic<int> called{0};
    read_in_every_way(pool, called);
    pool.close();
    pool.join();
    BOOST_TEST(called == 0);
    context.run();
    BOOST_TEST(called == callbacks_of_every_way);
}

BOOST_AUTO_TEST_CASE(a_callback_that_takes_longer_than_the_patience_with_executors_is_waited_for) {
    asio::thread_pool threads(1);
    procpool::pool pool(on(threads.get_executor()));
    std::atomic<bool> finished{false};
    const gate gate;
    auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    result.on_success([&](int) {
        std::this_thread::sleep_for(1300ms);
        finished = true;
    });
    gate.open();
    BOOST_TEST(result.get() == 1);
    BOOST_TEST(finished.load());
    threads.join();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/callback_place.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/outcome.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/data/test_case.hpp>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

// Where the handlers of async_apply are called, and what happens to them when their pool or their context
// ends.
namespace {

namespace asio = boost::asio;
using namespace procpool::test;
using procpool::bind;
using procpool::fn;

int twice(int n) {
    return 2 * n;
}

procpool::pool pool_on(asio::io_context& context) {
    procpool::pool_options options;
    options.processes = 1;
    options.executor = context.get_executor();
    return procpool::pool(options);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_apply_executor, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_bound_executor_is_respected) {
    procpool::pool pool(1);
    asio::io_context context;
    outcome<int> got;
    pool.async_apply(bind(fn<twice>, 21), asio::bind_executor(context, got.handler()));
    BOOST_TEST(got.times() == 0);
    context.run(); // waits for the operation, which is work
    BOOST_TEST(got.times() == 1);
    BOOST_TEST(got.get() == 42);
    BOOST_TEST((got.thread() == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(the_pools_executor_is_the_default) {
    asio::io_context context;
    auto pool = pool_on(context);
    outcome<int> got;
    pool.async_apply(bind(fn<twice>, 21), got.handler());
    context.run();
    BOOST_TEST(got.times() == 1);
    BOOST_TEST((got.thread() == std::this_thread::get_id()));
    context.restart();
    pool.close();
    outcome<int> closed;
    pool.async_apply(bind(fn<twice>, 21), closed.handler());
    BOOST_TEST(closed.times() == 0);
    context.run();
    BOOST_CHECK_THROW(closed.get(), procpool::pool_closed);
}

BOOST_DATA_TEST_CASE(a_bound_executor_counts_more_than_the_pools, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(1);
    asio::io_context context;
    outcome<int> got;
    pool->async_apply(bind(fn<twice>, 21), asio::bind_executor(context, got.handler()));
    context.run();
    BOOST_TEST(got.get() == 42);
    BOOST_TEST((got.thread() == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(no_handler_is_called_inside_of_the_call_that_starts_it) {
    asio::io_context context;
    auto pool = pool_on(context);
    outcome<int> first;
    outcome<int> second;
    outcome<int> closed;
    asio::post(context, [&] {
        pool.async_apply(bind(fn<twice>, 1), first.handler());
        auto other = pool.apply_async(fn<twice>, 2);
        BOOST_TEST(other.get() == 4); // so the first has ended too
        BOOST_TEST(first.times() == 0);
        pool.async_apply(bind(fn<twice>, 3), asio::bind_executor(context, second.handler()));
        pool.close();
        pool.async_apply(bind(fn<twice>, 4), asio::bind_executor(context, closed.handler()));
        BOOST_TEST(second.times() == 0);
        BOOST_TEST(closed.times() == 0);
    });
    context.run();
    BOOST_TEST(first.get() == 2);
    BOOST_TEST(second.get() == 6);
    BOOST_CHECK_THROW(closed.get(), procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(a_strand_keeps_handlers_apart) {
    procpool::pool pool(2);
    asio::thread_pool threads(3);
    const auto strand = asio::make_strand(threads);
    std::atomic<int> together{0};
    std::atomic<int> overlaps{0};
    int called = 0; // guarded by the strand
    for (int i = 0; i != 300; ++i)
        pool.async_apply(bind(fn<twice>, i), asio::bind_executor(strand, [&](const std::exception_ptr&, int) {
                             overlaps += together++ != 0;
                             ++called;
                             --together;
                         }));
    threads.join(); // the operations are its work
    BOOST_TEST(called == 300);
    BOOST_TEST(overlaps == 0);
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_comes_out_of_its_context) {
    procpool::pool pool(1);
    asio::io_context context;
    pool.async_apply(bind(fn<twice>, 1), asio::bind_executor(context, [](const std::exception_ptr&, int) {
                         throw std::range_error("oops");
                     }));
    BOOST_CHECK_THROW(context.run(), std::range_error);
}

BOOST_AUTO_TEST_CASE(a_context_may_go_as_soon_as_the_handler_was_called) {
    procpool::pool pool(1);
    for (int i = 0; i != 300; ++i) {
        auto context = std::make_unique<asio::io_context>();
        int got = 0;
        pool.async_apply(bind(fn<twice>, i),
                         asio::bind_executor(*context, [&](const std::exception_ptr&, int n) {
                             got = n;
                             context->stop();
                         }));
        context->run();
        context.reset();
        BOOST_TEST(got == 2 * i);
    }
}

BOOST_DATA_TEST_CASE(operations_of_a_pool_that_goes_are_told_so_once, places) {
    callback_place where(sample);
    const gate never;
    std::deque<outcome<int>> all(100);
    {
        const auto pool = where.make_pool(2);
        for (auto& each : all)
            pool->async_apply(bind(fn<pass>, never.path(), 1), each.handler());
        BOOST_TEST(never.wait_for_arrival(2));
    }
    for (auto& each : all)
        BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
    for (const auto& each : all)
        BOOST_TEST(each.times() == 1);
}

BOOST_AUTO_TEST_CASE(a_pool_may_go_before_the_context_of_a_handler_runs) {
    asio::io_context context;
    outcome<int> done;
    outcome<int> abandoned;
    {
        const gate never;
        procpool::pool pool(1);
        pool.async_apply(bind(fn<twice>, 21), asio::bind_executor(context, done.handler()));
        BOOST_TEST(pool.apply(fn<twice>, 1) == 2);
        pool.async_apply(bind(fn<pass>, never.path(), 1), asio::bind_executor(context, abandoned.handler()));
    }
    BOOST_TEST(done.times() + abandoned.times() == 0);
    context.run();
    BOOST_TEST(done.get() == 42);
    BOOST_CHECK_THROW(abandoned.get(), procpool::pool_terminated);
    BOOST_TEST(done.times() + abandoned.times() == 2);
}

BOOST_AUTO_TEST_CASE(a_context_that_goes_without_running_takes_the_handlers_with_it) {
    const auto owned = std::make_shared<int>(0);
    int called = 0;
    {
        auto context = std::make_unique<asio::io_context>();
        procpool::pool on_context = pool_on(*context);
        procpool::pool other(1);
        const auto handler = [&called, owned](const std::exception_ptr&, int) {
            ++called;
        };
        auto result = on_context.apply_async(fn<twice>, 21);
        result.on_success([&called, owned](int) { ++called; });
        for (int i = 0; i != 3; ++i) {
            on_context.async_apply(bind(fn<twice>, 1), handler);
            other.async_apply(bind(fn<twice>, 1), asio::bind_executor(*context, handler));
        }
        other.close();
        other.join();
        on_context.close();
        BOOST_TEST(eventually([&] { return on_context.workers()[0].pid == std::nullopt; })); // all have ended
        context.reset();
        on_context.join();
        BOOST_TEST(result.get() == 42); // the wait does not depend on callbacks that will not run
    }
    BOOST_TEST(called == 0);
    BOOST_TEST(owned.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}

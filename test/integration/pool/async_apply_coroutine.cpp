// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>

// async_apply in coroutines on the user's own io_context, which runs in the thread of the test.
namespace {

namespace asio = boost::asio;
using namespace procpool::test;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using asio::awaitable;
using asio::use_awaitable;
using procpool::bind;
using procpool::fn;

int twice(int n) {
    return 2 * n;
}

int fail(const std::string& why) {
    throw std::invalid_argument(why);
}

/// Runs a coroutine to its end, and rethrows its exception.
template <class Coroutine>
void run(Coroutine coroutine) {
    asio::io_context context;
    std::exception_ptr error;
    int ended = 0;
    asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr why) {
        error = std::move(why);
        ++ended;
    });
    context.run();
    BOOST_TEST(ended == 1);
    if (error)
        std::rethrow_exception(error);
}

awaitable<void> expire(std::chrono::nanoseconds after) {
    asio::steady_timer timer(co_await asio::this_coro::executor, after);
    co_await timer.async_wait(use_awaitable);
}

/// Ends as soon as a file has this many lines.
awaitable<void> see_lines(std::string file, std::size_t lines) {
    while (lines_of(file).size() < lines)
        co_await expire(1ms);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_apply_coroutine, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_coroutine_awaits_the_value_in_its_own_thread) {
    procpool::pool pool(2);
    run([&]() -> awaitable<void> {
        for (int i = 0; i != 50; ++i) {
            BOOST_TEST(co_await pool.async_apply(bind(fn<twice>, i), use_awaitable) == 2 * i);
        }
        co_await pool.async_apply(bind([] {}), use_awaitable);
    });
    std::thread::id id;
    run([&]() -> awaitable<void> {
        co_await pool.async_apply(bind(fn<twice>, 1), use_awaitable);
        id = std::this_thread::get_id();
    });
    BOOST_TEST((id == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(what_the_task_throws_comes_out_of_co_await) {
    procpool::pool pool(1);
    run([&]() -> awaitable<void> {
        bool caught = false;
        try {
            co_await pool.async_apply(bind(fn<fail>, "in a worker"), use_awaitable);
        } catch (const std::invalid_argument& error) {
            caught =
                error.what() == std::string("in a worker") && procpool::get_remote_info(error) != nullptr;
        }
        BOOST_TEST(caught);
        BOOST_TEST(co_await pool.async_apply(bind(fn<twice>, 1), use_awaitable) == 2);
    });
    BOOST_CHECK_THROW(run([&]() -> awaitable<void> {
                          co_await pool.async_apply(bind(fn<fail>, "and out of the coroutine"),
                                                    use_awaitable);
                      }),
                      std::invalid_argument);
    pool.close();
    BOOST_CHECK_THROW(
        run([&]() -> awaitable<void> { co_await pool.async_apply(bind(fn<twice>, 1), use_awaitable); }),
        procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(a_deferred_operation_and_a_tuple_can_be_awaited_too) {
    procpool::pool pool(1);
    run([&]() -> awaitable<void> {
        auto operation = pool.async_apply(bind(fn<twice>, 4), asio::deferred);
        BOOST_TEST(co_await std::move(operation)(use_awaitable) == 8);
        const auto [good, value] =
            co_await pool.async_apply(bind(fn<twice>, 5), asio::as_tuple(use_awaitable));
        BOOST_TEST((good == nullptr));
        BOOST_TEST(value == 10);
        const auto [bad, none] = co_await pool.async_apply(bind(fn<fail>, ""), asio::as_tuple(use_awaitable));
        BOOST_TEST((bad != nullptr));
        BOOST_TEST(none == 0);
    });
}

BOOST_AUTO_TEST_CASE(several_are_awaited_together) {
    procpool::pool pool(2);
    run([&]() -> awaitable<void> {
        const auto [a, b] = co_await (pool.async_apply(bind(fn<twice>, 1), use_awaitable) &&
                                      pool.async_apply(bind(fn<twice>, 2), use_awaitable));
        BOOST_TEST(a == 2);
        BOOST_TEST(b == 4);
    });
    asio::io_context context;
    int sum = 0;
    for (int i = 0; i != 200; ++i)
        asio::co_spawn(
            context,
            [&pool, &sum, i]() -> awaitable<void> {
                sum += co_await pool.async_apply(bind(fn<twice>, i), use_awaitable);
            },
            asio::detached);
    context.run();
    BOOST_TEST(sum == 199 * 200);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_first_cancels_the_task) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool(with_grace(1, endless));
    const auto pid = pool.apply(fn<own_pid>);
    run([&]() -> awaitable<void> {
        const auto first =
            co_await (pool.async_apply(bind(fn<await_stop>, log), use_awaitable) || see_lines(log, 1));
        BOOST_TEST(first.index() == 1U);
    });
    BOOST_TEST(wait_for_lines(log, 2)); // the task was asked to stop
    BOOST_TEST(pool.apply(fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_CASE(a_task_that_is_first_cancels_the_timer) {
    procpool::pool pool(1);
    run([&]() -> awaitable<void> {
        const auto first = co_await (pool.async_apply(bind(fn<twice>, 21), use_awaitable) || expire(endless));
        BOOST_TEST(std::get<0>(first) == 42);
    });
}

BOOST_AUTO_TEST_CASE(the_slower_of_two_tasks_is_cancelled) {
    const temporary_folder folder;
    procpool::pool pool(with_grace(2, 10ms));
    run([&]() -> awaitable<void> {
        const auto first =
            co_await (pool.async_apply(bind(fn<ignore_everything>, folder.file("log")), use_awaitable) ||
                      pool.async_apply(bind(fn<twice>, 21), use_awaitable));
        BOOST_TEST(std::get<1>(first) == 42);
    });
}

BOOST_AUTO_TEST_CASE(cancelling_a_coroutine_cancels_its_task) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool(with_grace(1, endless));
    asio::io_context context;
    asio::cancellation_signal signal;
    std::exception_ptr error;
    asio::co_spawn(
        context,
        [&]() -> awaitable<void> { co_await pool.async_apply(bind(fn<await_stop>, log), use_awaitable); },
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr why) { error = std::move(why); }));
    asio::co_spawn(
        context,
        [&]() -> awaitable<void> {
            co_await see_lines(log, 1);
            signal.emit(asio::cancellation_type::terminal);
        },
        asio::detached);
    context.run();
    BOOST_REQUIRE((error != nullptr));
    BOOST_CHECK_THROW(std::rethrow_exception(error), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(a_coroutine_is_told_when_the_pool_goes) {
    const gate never;
    auto pool = std::make_unique<procpool::pool>(1U);
    BOOST_CHECK_THROW(run([&]() -> awaitable<void> {
                          auto waits = pool->async_apply(bind(fn<pass>, never.path(), 1), asio::deferred);
                          const auto drop = [&]() -> awaitable<void> {
                              co_await see_lines(never.path() + ".arrived", 1);
                              pool.reset();
                          };
                          co_await (std::move(waits)(use_awaitable) && drop());
                      }),
                      procpool::pool_terminated);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}

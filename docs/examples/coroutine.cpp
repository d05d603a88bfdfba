// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <variant>

namespace asio = boost::asio;
using namespace std::chrono_literals;

long fibonacci(int n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int fail() {
    throw std::runtime_error("it did not work out");
}

void sleep_long() {
    std::this_thread::sleep_for(1h);
}

void crash() {
    std::raise(SIGSEGV);
}

//[ session
// Waits for a task, but not longer than `limit`.
asio::awaitable<void> show_outcome(procpool::pool& pool, procpool::bound_task<void> task,
                                   std::chrono::nanoseconds limit) {
    using namespace asio::experimental::awaitable_operators;
    // `||` waits for the first operation that succeeds, and cancels the other. With as_tuple an error is an
    // outcome like any other, so a task that fails ends the wait at once.
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    asio::steady_timer timer(co_await asio::this_coro::executor, limit);
    const auto first = co_await (timer.async_wait(token) || pool.async_apply(task, token));
    if (first.index() == 0)
        std::cout << "time is up\n";
    else if (std::get<0>(std::get<1>(first)) != nullptr) // a std::exception_ptr
        std::cout << "the task failed\n";
    else
        std::cout << "done\n";
}

asio::awaitable<void> session(procpool::pool& pool) {
    const long value =
        co_await pool.async_apply(procpool::bind(procpool::fn<fibonacci>, 20), asio::use_awaitable);
    std::cout << value << '\n';

    try {
        co_await pool.async_apply(procpool::bind(procpool::fn<fail>), asio::use_awaitable);
    } catch (const std::runtime_error& e) {
        std::cout << e.what() << '\n';
    }

    co_await show_outcome(pool, procpool::bind(procpool::fn<sleep_long>), 50ms);
    co_await show_outcome(pool, procpool::bind(procpool::fn<crash>), 1h);
}
//]

int main() {
    procpool::init();
    procpool::pool pool({.processes = 2, .terminate_grace = 10ms});
    asio::io_context context;
    asio::co_spawn(context, session(pool), asio::detached);
    context.run();
}

// Output:
// 6765
// it did not work out
// time is up
// the task failed

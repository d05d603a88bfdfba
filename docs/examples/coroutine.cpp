// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>
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

asio::awaitable<void> session(procpool::pool& pool) {
    const long value =
        co_await pool.async_apply(procpool::bind(procpool::fn<fibonacci>, 20), asio::use_awaitable);
    std::cout << value << '\n';

    try {
        co_await pool.async_apply(procpool::bind(procpool::fn<fail>), asio::use_awaitable);
    } catch (const std::runtime_error& e) {
        std::cout << e.what() << '\n';
    }

    // Whichever is first; the other is cancelled.
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor, 50ms);
    const auto first =
        co_await (timer.async_wait(asio::use_awaitable) ||
                  pool.async_apply(procpool::bind(procpool::fn<sleep_long>), asio::use_awaitable));
    std::cout << (first.index() == 0 ? "time is up" : "done") << '\n';
}

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

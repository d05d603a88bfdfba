// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <unistd.h>
#endif

// Where a task is: pool::stack_of, and remote_info::stack of tasks that were stopped. The names of the functions
// are searched for in stacks, and must not be part of other names.

using namespace procpool;
using namespace procpool::test;

namespace work {

[[gnu::noinline]] int hang_in_a_loop(const shared_array<std::uint64_t>& turns) {
    std::atomic_ref counter(*turns.data());
    while (counter.load() != ~std::uint64_t{0})
        counter.fetch_add(1);
    return 5;
}

[[gnu::noinline]] int hang_asleep(const std::string& gate) {
    return pass(gate, 6) + 1;
}

[[gnu::noinline]] int wait_for_token() {
    const auto stop = this_task::stop_token();
    while (!stop.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 1;
}

[[gnu::noinline]] int never_end() {
    sleep_for_ever();
    return 1;
}

#if !defined(_WIN32)
[[gnu::noinline]] int read_slowly(int from) {
    char byte = 0;
    const auto got = ::read(from, &byte, 1); // must not fail because of the signal
    return got == 1 ? byte : -errno;
}

int read_from_a_pipe(const std::string& gate) {
    int ends[2];
    if (::pipe(ends) != 0)
        return -1;
    std::thread writer([&] {
        pass(gate, 0);
        static_cast<void>(!::write(ends[1], "x", 1));
    });
    const int out = read_slowly(ends[0]);
    writer.join();
    ::close(ends[0]);
    ::close(ends[1]);
    return out;
}

int block_signals(const std::string& gate) {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    const int out = pass(gate, 3);
    ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
    return out;
}
#endif

} // namespace work

namespace {

/// Whether a stack has a function. Windows knows only offsets.
bool names(const std::string& stack, std::string_view function) {
#if defined(_WIN32)
    static_cast<void>(function);
    return !stack.empty();
#else
    return stack.find(function) != std::string::npos;
#endif
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stack_of, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_that_hangs_shows_where_it_is) {
    const shared_array<std::uint64_t> turns(1);
    std::atomic_ref counter(*turns.data());
    pool workers(2);
    call_options second;
    second.worker = 1;
    auto result = workers.apply_async(second, fn<work::hang_in_a_loop>, turns);
    BOOST_TEST(eventually([&] { return counter.load() != 0; }));
    for (int i = 0; i != 5; ++i) {
        const auto stack = workers.stack_of(1);
        BOOST_TEST(names(stack, "work::hang_in_a_loop"), stack);
    }
    BOOST_TEST(workers.stack_of(0).empty());
    const auto before = counter.load();
    BOOST_TEST(eventually([&] { return counter.load() != before; })); // it goes on
    counter.store(~std::uint64_t{0});
    BOOST_TEST(eventually([&] { // the counter may have been counted further just then
        counter.store(~std::uint64_t{0});
        return result.ready();
    }));
    BOOST_TEST(result.get() == 5);
}

BOOST_AUTO_TEST_CASE(several_threads_may_ask) {
    const gate closed;
    pool workers(1);
    auto result = workers.apply_async(fn<work::hang_asleep>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i != 3; ++i)
        threads.emplace_back([&] {
            for (int times = 0; times != 20; ++times)
                right += names(workers.stack_of(0), "work::hang_asleep");
        });
    for (auto& each : threads)
        each.join();
    BOOST_TEST(right >= 50); // an answer may be overwritten while it is read
    closed.open();
    BOOST_TEST(result.get() == 7);
}

BOOST_AUTO_TEST_CASE(an_idle_worker_has_no_stack) {
    pool workers(2);
    BOOST_TEST(workers.stack_of(0).empty());
    workers.map([](int n) { return n; }, {1, 2, 3});
    BOOST_TEST(workers.stack_of(1).empty());
    BOOST_CHECK_THROW(workers.stack_of(2), std::invalid_argument);
    workers.terminate();
    workers.join();
    BOOST_TEST(workers.stack_of(0).empty());
}

BOOST_AUTO_TEST_CASE(a_stopped_worker_is_not_waited_for_without_end) {
    const gate closed;
    pool workers(1);
    auto result = workers.apply_async(fn<work::hang_asleep>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    const auto pid = *workers.workers().front().pid;
    stop_process(pid);
    BOOST_TEST(workers.stack_of(0).empty());
    continue_process(pid);
    closed.open();
    BOOST_TEST(result.get() == 7);
}

BOOST_AUTO_TEST_CASE(a_time_out_shows_where_the_task_was) {
    pool_options options;
    options.processes = 1;
    options.terminate_grace = std::chrono::seconds(10);
    pool workers(options);
    call_options limited;
    limited.timeout = std::chrono::milliseconds(100);
    try {
        workers.apply(limited, fn<work::wait_for_token>);
        BOOST_ERROR("there was no time-out");
    } catch (const task_timeout& late) {
        const auto& stack = get_remote_info(late)->stack;
        BOOST_TEST(names(stack, "work::wait_for_token"), stack);
    }
}

BOOST_AUTO_TEST_CASE(so_does_one_that_ends_its_worker) {
    pool_options options;
    options.processes = 1;
    pool workers(options);
    call_options limited;
    limited.timeout = std::chrono::milliseconds(100);
    try {
        workers.apply(limited, fn<work::never_end>);
        BOOST_ERROR("there was no time-out");
    } catch (const task_timeout& late) {
        const auto& stack = get_remote_info(late)->stack;
        BOOST_TEST(names(stack, "work::never_end"), stack);
    }
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_shows_where_it_was) {
    const gate closed;
    pool workers(2);
    auto running = workers.apply_async(fn<work::hang_asleep>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    BOOST_TEST(running.cancel());
    try {
        running.get();
        BOOST_ERROR("it was not cancelled");
    } catch (const task_cancelled& cancelled) {
        const auto& stack = get_remote_info(cancelled)->stack;
        BOOST_TEST(names(stack, "work::hang_asleep"), stack);
    }
    closed.open();
}

BOOST_AUTO_TEST_CASE(a_queued_task_that_is_cancelled_was_nowhere) {
    const gate closed;
    pool workers(1);
    auto first = workers.apply_async(fn<work::hang_asleep>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    auto queued = workers.apply_async(fn<work::never_end>);
    BOOST_TEST(queued.cancel());
    try {
        queued.get();
        BOOST_ERROR("it was not cancelled");
    } catch (const task_cancelled& cancelled) {
        BOOST_TEST(get_remote_info(cancelled)->stack.empty());
    }
    closed.open();
    first.get();
}

#if !defined(_WIN32) // has no signals
#if !defined(__SANITIZE_THREAD__) // which runs a handler after a read, not during it
BOOST_AUTO_TEST_CASE(a_system_call_goes_on) {
    const gate closed;
    pool workers(1);
    auto result = workers.apply_async(fn<work::read_from_a_pipe>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    const auto in_read = [&] {
        return names(workers.stack_of(0), "work::read_slowly");
    };
    BOOST_TEST(eventually(in_read));
    const auto again = workers.stack_of(0);
    BOOST_TEST(names(again, "work::read_slowly"), again);
    closed.open();
    BOOST_TEST(result.get() == 'x');
}
#endif

BOOST_AUTO_TEST_CASE(a_task_that_blocks_signals_is_not_waited_for_without_end) {
    const gate closed;
    pool workers(1);
    auto result = workers.apply_async(fn<work::block_signals>, closed.path());
    BOOST_TEST(closed.wait_for_arrival());
    BOOST_TEST(workers.stack_of(0).empty());
    closed.open();
    BOOST_TEST(result.get() == 3);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}

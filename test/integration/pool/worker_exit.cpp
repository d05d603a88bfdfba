// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(_WIN32)
#include <windows.h>
#else
#include <signal.h>
#include <sys/resource.h>
#endif

// If a task ends its process in any way, the result is a worker_lost with the reason.
namespace {

enum class way {
    exit,
    exit_with_3,
    immediate_exit,
    quick_exit,
    abort,
    fault,
    terminate,
    thrown_through_noexcept
};

#if !defined(_WIN32)
/// A global object whose destructor is stopped and takes time, if a task asks for it.
struct slow_to_destroy {
    bool slow = false;
    ~slow_to_destroy() {
        if (!slow)
            return;
        std::raise(SIGSTOP);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
} global;

void exit_slowly() {
    global.slow = true;
    std::exit(6);
}
#endif

void fail() {
    throw std::runtime_error("nobody can catch this");
}

void fail_in_noexcept() noexcept {
    fail();
}

void make_no_core_dump() {
#if !defined(_WIN32)
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
#endif
}

void fault() {
#if defined(_WIN32)
    ::RaiseException(0xC0000005, EXCEPTION_NONCONTINUABLE, 0, nullptr);
#else
    std::signal(SIGSEGV, SIG_DFL); // without the handler of a sanitizer
    std::raise(SIGSEGV);
#endif
}

void leave(way how) {
    make_no_core_dump();
    switch (how) {
    case way::exit:
        std::exit(0);
    case way::exit_with_3:
        std::exit(3);
    case way::immediate_exit:
        std::_Exit(4);
    case way::quick_exit:
#if defined(__MINGW32__) // whose C library has none
        std::_Exit(5);
#else
        std::quick_exit(5);
#endif
    case way::abort:
        std::abort();
    case way::fault:
        fault();
        break;
    case way::terminate:
        std::terminate();
    case way::thrown_through_noexcept:
        fail_in_noexcept();
    }
}

int answer() {
    return 42;
}

void check(way how, std::optional<int> status, std::optional<int> signal_number) {
    BOOST_TEST_INFO_SCOPE("way " << static_cast<int>(how));
    procpool::pool pool(2);
    const auto lost = pool.apply_async(procpool::fn<leave>, how);
    const auto other = pool.apply_async(procpool::fn<answer>);
    try {
        lost.get();
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost& caught) {
        BOOST_TEST((caught.exit_status() == status));
        BOOST_TEST((caught.signal_number() == signal_number));
        BOOST_TEST(caught.pid() != 0);
    }
    BOOST_TEST(other.get() == 42);
    BOOST_TEST(pool.apply(procpool::fn<answer>) == 42);
    BOOST_CHECK_THROW(pool.map(procpool::fn<leave>, std::vector{how}), procpool::worker_lost);
    BOOST_TEST(pool.apply(procpool::fn<answer>) == 42);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_exit, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(exit_is_a_death_also_with_success) {
    check(way::exit, 0, std::nullopt);
    check(way::exit_with_3, 3, std::nullopt);
    check(way::immediate_exit, 4, std::nullopt);
    check(way::quick_exit, 5, std::nullopt);
}

#if !defined(_WIN32) // lacks a signal that stops a process
BOOST_AUTO_TEST_CASE(an_exit_may_take_its_time) {
    procpool::pool pool(1);
    const auto pid = pool.workers()[0].pid.value();
    const auto lost = pool.apply_async(procpool::fn<exit_slowly>);
    BOOST_TEST(procpool::test::eventually([&] { return procpool::test::is_stopped(pid); }));
    procpool::test::continue_process(pid); // system calls begin anew
    try {
        lost.get();
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost& caught) {
        BOOST_TEST((caught.exit_status() == 6), caught.what());
    }
}
#endif

#if !defined(_WIN32) // lacks SIGABRT
BOOST_AUTO_TEST_CASE(abort_says_its_signal) {
    check(way::abort, std::nullopt, SIGABRT);
}
#endif

#if !defined(_WIN32) // lacks SIGSEGV
BOOST_AUTO_TEST_CASE(a_fault_says_its_signal) {
    check(way::fault, std::nullopt, SIGSEGV);
}
#endif

#if !defined(_WIN32) // lacks SIGABRT
BOOST_AUTO_TEST_CASE(terminate_is_an_abort) {
    check(way::terminate, std::nullopt, SIGABRT);
    check(way::thrown_through_noexcept, std::nullopt, SIGABRT);
}
#endif

#if defined(_WIN32)
BOOST_AUTO_TEST_CASE(a_fault_says_its_exception) {
    check(way::fault, static_cast<int>(0xC0000005), std::nullopt);
}

// The result depends on the C library.
BOOST_AUTO_TEST_CASE(abort_and_terminate_are_a_status) {
    const auto status_of = [](way how) {
        procpool::pool pool(1);
        try {
            pool.apply(procpool::fn<leave>, how);
        } catch (const procpool::worker_lost& caught) {
            return static_cast<std::uint32_t>(caught.exit_status().value());
        }
        return std::uint32_t{0};
    };
    for (const auto how : {way::abort, way::terminate, way::thrown_through_noexcept}) {
        const auto status = status_of(how);
        BOOST_TEST((status == 3 || status == 0xC0000409), "status " << status);
    }
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

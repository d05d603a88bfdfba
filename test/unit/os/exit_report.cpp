// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/exit_report.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>

namespace os = procpool::os;

namespace {

// The layout of a wait status: the exit status in the second byte, the signal in the first, 128 for a core
// dump.
constexpr int exited(int status) {
    return status << 8;
}
constexpr int core_dumped = 128;
constexpr int stopped = 127;

} // namespace

BOOST_AUTO_TEST_SUITE(exit_report)

BOOST_AUTO_TEST_CASE(an_exit_has_its_status) {
    const auto report = os::describe_exit(exited(3), true);
    BOOST_TEST(report.exit_status.value() == 3);
    BOOST_TEST(!report.signal_number.has_value());
    BOOST_TEST(report.text == "exited with status 3");
}

BOOST_AUTO_TEST_CASE(status_zero_is_a_status) {
    BOOST_TEST(os::describe_exit(exited(0), true).exit_status.value() == 0);
}

BOOST_AUTO_TEST_CASE(an_exit_with_9_is_not_a_kill) {
    BOOST_TEST(os::describe_exit(exited(9), true).exit_status.value() == 9);
    BOOST_TEST(os::describe_exit(SIGKILL, true).signal_number.value() == 9);
}

BOOST_AUTO_TEST_CASE(a_signal_is_named) {
    const auto report = os::describe_exit(SIGSEGV | core_dumped, true);
    BOOST_TEST(!report.exit_status.has_value());
    BOOST_TEST(report.signal_number.value() == SIGSEGV);
    BOOST_TEST(report.text == "was killed by signal 11 (Segmentation fault)");
}

BOOST_AUTO_TEST_CASE(a_kill_is_an_order_and_a_fault_is_not) {
    for (const int number : {SIGKILL, SIGTERM, SIGHUP, SIGINT})
        BOOST_TEST(os::describe_exit(number, true).on_order);
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGPIPE, SIGXCPU})
        BOOST_TEST(!os::describe_exit(number, true).on_order);
    BOOST_TEST(!os::describe_exit(exited(9), true).on_order);
    BOOST_TEST(!os::describe_exit(SIGKILL, false).on_order);
}

BOOST_AUTO_TEST_CASE(a_signal_without_a_name_has_its_number) {
    BOOST_TEST(os::describe_exit(SIGRTMIN + 1, true).text.starts_with("was killed by signal 35"));
}

BOOST_AUTO_TEST_CASE(an_unknown_status_is_not_made_up) {
    for (const auto& report : {os::describe_exit(exited(3), false), os::describe_exit(stopped, true)}) {
        BOOST_TEST(!report.exit_status.has_value());
        BOOST_TEST(!report.signal_number.has_value());
        BOOST_TEST(report.text == "died, status unknown");
    }
}

BOOST_AUTO_TEST_SUITE_END()

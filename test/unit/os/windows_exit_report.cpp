// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/exit_report.hpp"
#include "os/windows/native.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

using procpool::os::describe_exit;

namespace {

procpool::os::exit_report ended_with(std::uint32_t code) {
    return describe_exit(static_cast<int>(code), true);
}

} // namespace

BOOST_AUTO_TEST_SUITE(windows_exit_report)

BOOST_AUTO_TEST_CASE(a_small_number_is_an_exit_status) {
    const auto report = ended_with(3);
    BOOST_TEST(report.exit_status.value() == 3);
    BOOST_TEST(!report.signal_number.has_value());
    BOOST_TEST(report.text == "exited with status 3");
    BOOST_TEST(!report.on_order);
}

BOOST_AUTO_TEST_CASE(a_structured_exception_is_named) {
    BOOST_TEST(ended_with(0xC0000005).text == "was ended by exception 0xC0000005 (access violation)");
    BOOST_TEST(ended_with(0xC00000FD).text == "was ended by exception 0xC00000FD (stack overflow)");
    BOOST_TEST(!ended_with(0xC0000005).on_order);
}

BOOST_AUTO_TEST_CASE(a_large_number_that_has_no_name_is_hexadecimal) {
    BOOST_TEST(ended_with(0xC0FFEE00).text == "exited with status 0xC0FFEE00");
}

BOOST_AUTO_TEST_CASE(what_the_pool_ends_has_done_nothing_wrong) {
    const auto report = ended_with(procpool::os::killed_by_parent);
    BOOST_TEST(report.on_order);
    BOOST_TEST(report.text == "was terminated by its pool");
}

BOOST_AUTO_TEST_CASE(what_the_task_manager_ends_may_have_done_nothing_wrong) {
    const auto report = ended_with(1);
    BOOST_TEST(report.on_order);
    BOOST_TEST(report.text == "exited with status 1");
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_known_has_no_number) {
    const auto report = describe_exit(0, false);
    BOOST_TEST(!report.exit_status.has_value());
    BOOST_TEST(report.text == "died, status unknown");
}

BOOST_AUTO_TEST_SUITE_END()

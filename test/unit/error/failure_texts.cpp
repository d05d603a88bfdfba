// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/failure_texts.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>

using namespace procpool::detail;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(an_ending_is_a_status_or_a_signal) {
    BOOST_TEST(ending_text(0, std::nullopt) == "exited with status 0");
    BOOST_TEST(ending_text(std::nullopt, SIGSEGV) == "was killed by signal 11 (SIGSEGV)");
    BOOST_TEST(ending_text(std::nullopt, 63) == "was killed by signal 63");
    BOOST_TEST(ending_text(std::nullopt, std::nullopt) == "ended, and its status is unknown");
}

BOOST_AUTO_TEST_CASE(a_lost_worker_is_one_sentence) {
    BOOST_TEST(worker_lost_text("sieve", 12, ending_text(3, std::nullopt)) ==
               "Worker 12 exited with status 3 while it ran task \"sieve\": the task may have run, in part "
               "or in whole.");
}

BOOST_AUTO_TEST_CASE(a_status_of_32_bits_is_told_in_hexadecimal) {
    BOOST_TEST(ending_text(static_cast<int>(0xE0004B4C), std::nullopt) == "exited with status 0xe0004b4c");
}

BOOST_AUTO_TEST_CASE(a_time_out_is_told_in_the_largest_unit) {
    BOOST_TEST(task_timeout_text("sieve", 12, 1500ms) ==
               "Task \"sieve\" in worker 12 ran past its time-out of 1.5 s and was stopped: it has run, in "
               "part or in whole.");
    BOOST_TEST(task_timeout_text("f", 1, 250ms).find(" 250 ms ") != std::string::npos);
    BOOST_TEST(task_timeout_text("f", 1, 7ns).find(" 7 ns ") != std::string::npos);
    BOOST_TEST(task_timeout_text("f", 1, 0ns).find(" 0 ns ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_queued_task_has_not_run) {
    BOOST_TEST(task_cancelled_text("f", std::nullopt) ==
               "Task \"f\" was cancelled while it was queued: it has not run.");
    BOOST_TEST(task_cancelled_text("f", 9) ==
               "Task \"f\" in worker 9 was cancelled while it ran: it has run, in part or in whole.");
    BOOST_TEST(pool_terminated_text("f", std::nullopt) ==
               "The pool was terminated while task \"f\" was queued: it has not run.");
    BOOST_TEST(
        pool_terminated_text("f", 9) ==
        "The pool was terminated while task \"f\" in worker 9 ran: it may have run, in part or in whole.");
}

BOOST_AUTO_TEST_CASE(a_failed_start_ends_with_one_full_stop) {
    BOOST_TEST(start_failed_text(2, "it hangs") == "Worker 2 could not be started: it hangs.");
    BOOST_TEST(start_failed_text(2, "it hangs.") == "Worker 2 could not be started: it hangs.");
}

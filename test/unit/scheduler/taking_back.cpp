// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

using procpool::test::scheduler_steps;
using procpool::test::texts;

namespace {

constexpr std::uint64_t short_ns = 1000;
constexpr std::uint64_t long_ns = 1'000'000;

/// Two workers; worker 0 has a frame of ten items, each of this duration.
struct one_busy : scheduler_steps {
    explicit one_busy(std::uint64_t nanoseconds) : scheduler_steps(2) {
        measured(0, nanoseconds);
        submit(1, 10);
        BOOST_TEST(next() == "give 1[0,10) to 0");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(taking_back)

BOOST_AUTO_TEST_CASE(an_idle_worker_gets_half_of_what_another_has) {
    one_busy s(long_ns);
    BOOST_TEST(s.next() == "take 5 from 0");
    s.reclaimed(0, {{1, 5, 5}}, 0);
    BOOST_TEST(s.next() == "give 1[5,10) to 1");
    BOOST_TEST(s.next() == "none");
    s.finish(0, 5);
    BOOST_TEST(s.next() == "take 2 from 1"); // and so on, by halves
}

BOOST_AUTO_TEST_CASE(what_was_never_measured_may_be_long) {
    scheduler_steps s(2);
    s.submit(1, 10);
    s.next();
    BOOST_TEST(s.next() == "take 5 from 0");
}

BOOST_AUTO_TEST_CASE(frames_come_back_in_the_order_of_submission) {
    scheduler_steps s(2);
    s.measured(0, 15'000);
    for (unsigned call = 1; call != 6; ++call)
        s.submit(call, 3);
    BOOST_TEST(s.all_next() == (texts{"give 1[0,3) to 0", "give 2[0,3) to 1", "give 3[0,3) to 0",
                                      "give 4[0,3) to 1", "give 5[0,3) to 0"}),
               boost::test_tools::per_element());
    s.finish(1, 3);
    s.finish(1, 3);
    BOOST_TEST(s.next() == "take 4 from 0");
    s.reclaimed(0, {{3, 2, 1}, {5, 0, 3}}, 1);
    s.submit(6);
    BOOST_TEST(s.next() == "give 3[2,3) to 1");
    BOOST_TEST(s.next() == "give 5[0,3) to 1");
    BOOST_TEST(s.next() == "give 6[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(whole_frames_leave_their_worker) {
    scheduler_steps s(2);
    s.submit(1, 9);
    s.next();
    s.reclaimed(0, {}, 0); // all claimed
    s.submit(2);
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
    s.finish(1);
    s.submit(3);
    s.submit(4);
    BOOST_TEST(s.next() == "give 3[0,1) to 1");
    BOOST_TEST(s.next() == "give 4[0,1) to 1");
    BOOST_TEST(s.frames(1) == 2u);
    s.reclaimed(1, {{4, 0, 1}}, 1);
    BOOST_TEST(s.frames(1) == 1u);
    BOOST_TEST(s.backlog() == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_to_take_back_is_not_asked_for_again) {
    one_busy s(long_ns);
    BOOST_TEST(s.next() == "take 5 from 0");
    s.reclaimed(0, {}, 0);
    BOOST_TEST(s.next() == "none");
    s.quiet();
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(it_is_asked_for_again_once_the_worker_has_finished_or_got_something) {
    one_busy s(long_ns);
    s.next();
    s.reclaimed(0, {}, 0);
    s.finished(0, 0, 1, long_ns);
    BOOST_TEST(s.next() == "take 4 from 0");
    s.reclaimed(0, {}, 0);
    s.submit(2, 3);
    s.submit(3, 8);
    BOOST_TEST(s.next() == "give 2[0,3) to 1");
    BOOST_TEST(s.next() == "give 3[0,8) to 1");
    s.submit(4);
    BOOST_TEST(s.next() == "give 4[0,1) to 0");
    s.finish(1, 3);
    s.finish(1, 8);
    BOOST_TEST(s.next() == "take 5 from 0");
}

BOOST_AUTO_TEST_CASE(a_single_item_is_never_taken_back) {
    scheduler_steps s(2);
    s.submit(1);
    s.next();
    s.quiet();
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(work_that_is_short_stays_where_it_is) {
    one_busy s(short_ns);
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(short_work_is_taken_back_when_all_is_quiet) {
    one_busy s(short_ns);
    s.quiet();
    BOOST_TEST(s.next() == "take 5 from 0");
    s.reclaimed(0, {{1, 5, 5}}, 0);
    BOOST_TEST(s.next() == "give 1[5,10) to 1");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(quiet_gives_every_idle_worker_something) {
    scheduler_steps s(4);
    s.measured(0, short_ns);
    s.submit(1, 8);
    s.next();
    s.quiet();
    BOOST_TEST(s.next() == "take 4 from 0");
    s.reclaimed(0, {{1, 4, 4}}, 0);
    BOOST_TEST(s.next() == "give 1[4,8) to 1");
    const auto third = s.next();
    BOOST_TEST(third == "take 2 from 1"); // 1 was never measured, so it counts for more
    s.reclaimed(1, {{1, 6, 2}}, 0);
    BOOST_TEST(s.next() == "give 1[6,8) to 2");
    BOOST_TEST(s.next().substr(0, 5) == "take ");
}

BOOST_AUTO_TEST_CASE(quiet_does_not_outlast_the_next_pause) {
    one_busy s(short_ns);
    s.submit(2);
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
    s.quiet();
    BOOST_TEST(s.next() == "none"); // no worker is idle
    s.finish(1);
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(a_worker_that_makes_no_progress_runs_something_long) {
    one_busy s(short_ns);
    unsigned looks = 0;
    while (s.next() == "none" && looks < 1000)
        ++looks;
    BOOST_TEST(looks == 64u);
}

BOOST_AUTO_TEST_CASE(progress_restores_patience) {
    one_busy s(short_ns);
    for (int i = 0; i != 60; ++i)
        BOOST_TEST(s.next() == "none");
    s.finished(0, 0, 1, short_ns);
    for (int i = 0; i != 64; ++i)
        BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.next() == "take 4 from 0");
}

BOOST_AUTO_TEST_CASE(what_was_taken_for_an_idle_worker_goes_to_it_if_another_would_be_enough_now) {
    scheduler_steps s(2);
    s.measured(0, 1'000'000);
    s.measured(0, 200);
    s.submit(1);
    s.submit(2, 3);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    BOOST_TEST(s.next() == "give 2[0,3) to 0");
    BOOST_TEST(s.next() == "take 2 from 0");
    s.reclaimed(0, {{2, 1, 2}}, 0);
    BOOST_TEST(s.next() == "give 2[1,3) to 1");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(the_worker_with_the_most_to_do_gives) {
    scheduler_steps s(3);
    s.submit(1, 4);
    s.submit(2, 12);
    s.submit(3, 2);
    s.all_next();
    s.finish(2, 2);
    BOOST_TEST(s.next() == "take 6 from 1");
}

BOOST_AUTO_TEST_CASE(the_backlog_goes_out_before_anything_is_taken_back) {
    one_busy s(long_ns);
    s.submit(2);
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_back_for_a_worker_that_has_no_room) {
    one_busy s(long_ns);
    s.submit(2);
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
    s.refused(1, {2, 0, 1});
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(s.next() == "none");
    s.quiet();
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_back_while_nobody_is_idle) {
    one_busy s(long_ns);
    s.submit(2);
    s.next();
    s.quiet();
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(what_is_not_wanted_any_more_does_not_come_back) {
    one_busy s(long_ns);
    s.revoked(0, {{1, 4, 6}}, 0);
    BOOST_TEST(s.backlog() == 0u);
    BOOST_TEST(s.frames(0) == 1u);
    BOOST_TEST(s.next() == "take 2 from 0"); // of its remaining four
    s.reclaimed(0, {}, 0);
    s.finish(0, 4);
    BOOST_TEST(s.idle());
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using procpool::test::scheduler_steps;
using procpool::test::texts;

// With a limit of items a process, worker `i` has the places `2 i` and `2 i + 1`, which take turns.

BOOST_AUTO_TEST_SUITE(recycling)

BOOST_AUTO_TEST_CASE(one_process_of_each_worker_is_started) {
    scheduler_steps s(2, 10);
    BOOST_TEST(s.places() == 4u);
    BOOST_TEST(s.ready(0));
    BOOST_TEST(!s.ready(1));
    BOOST_TEST(s.ready(2));
    BOOST_TEST(!s.ready(3));
}

BOOST_AUTO_TEST_CASE(a_process_is_given_no_more_than_its_limit) {
    scheduler_steps s(1, 3);
    s.submit(1, 5);
    BOOST_TEST(s.next() == "give 1[0,3) to 0");
    BOOST_TEST(s.backlog() == 1u);
}

BOOST_AUTO_TEST_CASE(its_replacement_is_started_ahead_and_waits_for_its_turn) {
    scheduler_steps s(1, 3);
    s.submit(1, 5);
    s.next();
    BOOST_TEST(s.next() == "start 1");
    s.started(1);
    BOOST_TEST(s.next() == "none");
    s.finished(0, 0, 2, 0);
    BOOST_TEST(s.next() == "none");
    s.finish(0, 1);
    BOOST_TEST(s.next() == "give 1[3,5) to 1");
    BOOST_TEST(s.next() == "stop 0");
    s.died(0, {}, false);
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(places_take_turns_for_ever) {
    scheduler_steps s(1, 1);
    for (unsigned call = 0; call != 20; ++call)
        s.submit(call);
    for (unsigned call = 0; call != 20; ++call) {
        const auto now = call % 2;
        const auto other = 1 - now;
        BOOST_TEST(s.next() == "give " + std::to_string(call) + "[0,1) to " + std::to_string(now));
        if (call != 0) {
            BOOST_TEST(s.next() == "stop " + std::to_string(other));
            s.died(other, {}, false);
        }
        BOOST_TEST(s.next() == "start " + std::to_string(other));
        s.started(other);
        BOOST_TEST(s.next() == "none");
        s.finish(now);
    }
    BOOST_TEST(s.idle());
}

BOOST_AUTO_TEST_CASE(what_a_process_did_not_take_does_not_count) {
    scheduler_steps s(1, 3);
    s.submit(1, 3);
    s.next();
    s.refused(0, {1, 0, 3});
    s.measured(0, 0);
    BOOST_TEST(s.next() == "give 1[0,3) to 0");
    s.revoked(0, {{1, 1, 2}}, 0);
    BOOST_TEST(s.next() == "none"); // it may be given two more
    s.submit(2, 5);
    BOOST_TEST(s.next() == "give 2[0,2) to 0");
    BOOST_TEST(s.next() == "start 1");
}

BOOST_AUTO_TEST_CASE(a_process_that_dies_before_its_limit_is_replaced) {
    scheduler_steps s(1, 10);
    s.submit(1, 4);
    s.next();
    s.finished(0, 0, 1, 0);
    s.died(0, {{1, 2, 2}}, true);
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    BOOST_TEST(s.next() == "give 1[2,4) to 0");
}

BOOST_AUTO_TEST_CASE(a_process_that_dies_with_its_replacement_under_way_is_not_replaced_twice) {
    scheduler_steps s(1, 2);
    s.submit(1, 3);
    s.next();
    BOOST_TEST(s.next() == "start 1");
    s.died(0, {{1, 1, 1}}, true);
    BOOST_TEST(s.next() == "none");
    s.started(1);
    BOOST_TEST(s.next() == "give 1[1,2) to 1");
    BOOST_TEST(s.next() == "give 1[2,3) to 1");
    BOOST_TEST(s.next() == "start 0");
}

BOOST_AUTO_TEST_CASE(work_waits_for_a_process_that_ends_when_its_replacement_cannot_be_started) {
    scheduler_steps s(1, 1);
    s.submit(1);
    s.submit(2);
    s.next();
    for (unsigned attempt = 0; attempt != procpool::scheduling::scheduler::start_attempts; ++attempt) {
        BOOST_TEST(s.next() == "start 1");
        s.died(1, {}, false);
    }
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
    BOOST_TEST(s.next() == "none");
    s.died(0, {}, false);
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(a_closed_pool_ends_with_both_places_empty) {
    scheduler_steps s(1, 1);
    s.submit(1);
    s.next();
    s.close();
    BOOST_TEST(s.next() == "start 1");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
    s.died(0, {}, false);
    BOOST_TEST(!s.ended());
    s.started(1);
    BOOST_TEST(s.next() == "stop 1");
    s.died(1, {}, false);
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_SUITE_END()

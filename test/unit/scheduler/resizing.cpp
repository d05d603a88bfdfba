// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

using procpool::test::scheduler_steps;
using procpool::test::texts;

BOOST_AUTO_TEST_SUITE(resizing)

BOOST_AUTO_TEST_CASE(new_workers_are_started_and_given_work) {
    scheduler_steps s(1);
    s.resize(3);
    BOOST_TEST(s.all_next() == (texts{"start 1", "start 2"}), boost::test_tools::per_element());
    BOOST_TEST(!s.worker_ready(2));
    s.started(2);
    BOOST_TEST(s.worker_ready(2));
    s.submit(7);
    s.submit(8);
    BOOST_TEST(s.all_next() == (texts{"give 7[0,1) to 0", "give 8[0,1) to 2"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(idle_workers_that_are_too_many_are_stopped) {
    scheduler_steps s(3);
    s.resize(1);
    BOOST_TEST(s.all_next() == (texts{"stop 1", "stop 2"}), boost::test_tools::per_element());
    s.died(2, {}, false);
    s.died(1, {}, false);
    BOOST_TEST(s.next() == "none"); // they are not replaced
    s.submit(7);
    s.submit(8);
    BOOST_TEST(s.next() == "give 7[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(a_busy_one_gives_back_what_it_has_not_begun) {
    scheduler_steps s(2);
    s.submit(1, 4);
    s.submit(2, 4);
    s.all_next();
    s.resize(1);
    BOOST_TEST(s.next() == "take 4 from 1");
    s.reclaimed(1, {{2, 1, 3}}, 0);
    BOOST_TEST(s.next() == "take 1 from 1"); // there may be more
    s.reclaimed(1, {}, 0);
    BOOST_TEST(s.next() == "give 2[1,4) to 0");
    BOOST_TEST(s.next() == "none");
    s.finish(1);
    BOOST_TEST(s.next() == "stop 1");
}

BOOST_AUTO_TEST_CASE(it_runs_what_is_pinned_to_it_before_it_ends) {
    scheduler_steps s(2);
    s.submitted({7, 0, 1, 0});
    s.submitted({7, 1, 1, 1});
    s.resize(1);
    BOOST_TEST(s.next() == "give 7[0,1) to 0");
    BOOST_TEST(s.next() == "give 7[1,2) to 1");
    BOOST_TEST(s.next() == "take 1 from 1");
    s.reclaimed(1, {}, 0);
    BOOST_TEST(s.next() == "none");
    s.finish(1);
    BOOST_TEST(s.next() == "stop 1");
}

BOOST_AUTO_TEST_CASE(one_that_died_is_replaced_for_what_is_pinned_to_it) {
    scheduler_steps s(2);
    s.submitted({7, 1, 1, 1});
    s.next();
    s.resize(1);
    s.died(1, {{7, 1, 1, 1}}, true);
    BOOST_TEST(s.next() == "start 1");
    s.started(1);
    BOOST_TEST(s.next() == "give 7[1,2) to 1");
}

BOOST_AUTO_TEST_CASE(what_is_grown_again_before_it_ended_goes_on) {
    scheduler_steps s(2);
    s.submit(1, 1);
    s.submit(2, 1);
    s.all_next();
    s.resize(1);
    s.reclaimed(1, {}, 0);
    s.resize(2);
    s.finish(1);
    BOOST_TEST(s.next() == "none");
    s.submit(3);
    BOOST_TEST(s.next() == "give 3[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(one_that_is_stopping_is_started_again_when_it_is_gone) {
    scheduler_steps s(2);
    s.resize(1);
    BOOST_TEST(s.next() == "stop 1");
    s.resize(2);
    BOOST_TEST(s.next() == "none");
    s.died(1, {}, false);
    BOOST_TEST(s.next() == "start 1");
}

BOOST_AUTO_TEST_CASE(given_up_workers_are_tried_again) {
    scheduler_steps s(1);
    s.resize(2);
    for (unsigned attempt = 0; attempt != procpool::scheduling::scheduler::start_attempts; ++attempt) {
        BOOST_TEST(s.next() == "start 1");
        s.died(1, {}, false);
    }
    BOOST_TEST(s.worker_given_up(1));
    BOOST_TEST(s.next() == "none");
    s.resize(2);
    BOOST_TEST(!s.worker_given_up(1));
    BOOST_TEST(s.next() == "start 1");
}

BOOST_AUTO_TEST_CASE(places_that_take_turns_come_and_go_together) {
    scheduler_steps s(1, 2);
    s.resize(2);
    BOOST_TEST(s.places() == 4u);
    BOOST_TEST(s.next() == "start 2");
    s.started(2);
    s.submit(1, 1);
    s.submit(2, 2);
    BOOST_TEST(s.all_next() == (texts{"give 1[0,1) to 0", "give 2[0,2) to 2", "start 3"}),
               boost::test_tools::per_element());
    s.started(3);
    s.resize(1);
    BOOST_TEST(s.next() == "take 2 from 2");
    s.reclaimed(2, {}, 0);
    BOOST_TEST(s.next() == "stop 3");
    s.finish(2, 2);
    BOOST_TEST(s.next() == "stop 2");
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using procpool::scheduling::scheduler;
using procpool::test::scheduler_steps;
using procpool::test::text_of;
using procpool::test::texts;
using procpool::test::work;

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(every_worker_is_started_once) {
    scheduler s(3);
    for (const char* each : {"start 0", "start 1", "start 2", "none"})
        BOOST_TEST(text_of(s.next()) == each);
}

BOOST_AUTO_TEST_CASE(a_worker_that_died_is_replaced_at_once) {
    scheduler_steps s(2);
    s.submit(1);
    s.next();
    s.finish(0);
    s.died(0, {}, false);
    BOOST_TEST(!s.ready(0));
    BOOST_TEST(s.next() == "start 0");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(what_had_not_begun_goes_elsewhere_first_and_in_order) {
    scheduler_steps s(2);
    s.submit(1, 4);
    s.submit(2);
    s.submit(3);
    s.submit(4);
    s.submit(5);
    s.all_next();
    BOOST_TEST(s.backlog() == 1u);
    s.died(0, {{1, 2, 2}, {3, 0, 1}}, true);
    BOOST_TEST(s.frames(0) == 0u);
    s.finish(1);
    s.finish(1);
    BOOST_TEST(s.next() == "give 1[2,4) to 1");
    BOOST_TEST(s.next() == "give 3[0,1) to 1");
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    BOOST_TEST(s.next() == "give 5[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(what_a_dead_worker_was_known_for_is_forgotten) {
    scheduler_steps s(1);
    s.measured(0, 1000);
    s.submit(1);
    s.next();
    s.submit(2);
    s.next();
    s.refused(0, {2, 0, 1});
    s.died(0, {}, true);
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    for (unsigned call = 3; call != 9; ++call)
        s.submit(call);
    BOOST_TEST(s.all_next() == (texts{"give 2[0,1) to 0", "give 3[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_process_that_cannot_be_started_is_tried_a_few_times) {
    scheduler s(1);
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        BOOST_TEST(text_of(s.next()) == "start 0");
        s.died(0, {}, false);
    }
    BOOST_TEST(text_of(s.next()) == "none");
}

BOOST_AUTO_TEST_CASE(one_that_dies_before_it_has_finished_anything_is_tried_a_few_times) {
    scheduler s(1);
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        BOOST_TEST(text_of(s.next()) == "start 0");
        s.started(0);
        s.died(0, {}, false);
    }
    BOOST_TEST(text_of(s.next()) == "none");
}

BOOST_AUTO_TEST_CASE(what_was_finished_forgives_failures) {
    scheduler s(1);
    for (int round = 0; round != 10; ++round) {
        BOOST_TEST(text_of(s.next()) == "start 0");
        s.died(0, {}, false);
        BOOST_TEST(text_of(s.next()) == "start 0");
        s.started(0);
        s.submitted({1, 0, 1});
        BOOST_TEST(text_of(s.next()) == "give 1[0,1) to 0");
        s.finished(0, 1, 1, 0);
        s.died(0, {}, false);
    }
}

BOOST_AUTO_TEST_CASE(a_process_that_died_of_a_task_could_be_started) {
    scheduler_steps s(1);
    for (int round = 0; round != 20; ++round) {
        s.submit(1);
        BOOST_TEST(s.next() == "give 1[0,1) to 0");
        s.died(0, {}, true);
        BOOST_TEST(s.next() == "start 0");
        s.started(0);
    }
}

BOOST_AUTO_TEST_CASE(others_go_on_when_one_cannot_be_started) {
    scheduler s(2);
    s.next();
    s.next();
    s.started(1);
    for (unsigned attempt = 1; attempt != scheduler::start_attempts; ++attempt) {
        s.died(0, {}, false);
        BOOST_TEST(text_of(s.next()) == "start 0");
    }
    s.died(0, {}, false);
    s.submitted({1, 0, 1});
    s.submitted({2, 0, 1});
    s.submitted({3, 0, 1});
    BOOST_TEST(text_of(s.next()) == "give 1[0,1) to 1");
    BOOST_TEST(text_of(s.next()) == "give 2[0,1) to 1");
    BOOST_TEST(text_of(s.next()) == "none");
}

BOOST_AUTO_TEST_CASE(work_is_given_up_when_nobody_can_be_started) {
    scheduler s(2);
    s.submitted({1, 0, 3});
    s.submitted({2, 0, 1});
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        for (const std::size_t worker : {0u, 1u})
            BOOST_TEST(text_of(s.next()) == "start " + std::to_string(worker));
        BOOST_TEST(text_of(s.next()) == "none"); // another worker may still become ready
        for (const std::size_t worker : {0u, 1u})
            s.died(worker, {}, false);
    }
    BOOST_TEST(text_of(s.next()) == "give up 1[0,3)");
    BOOST_TEST(text_of(s.next()) == "give up 2[0,1)");
    BOOST_TEST(text_of(s.next()) == "none");
    s.submitted({3, 0, 1});
    BOOST_TEST(text_of(s.next()) == "give up 3[0,1)");
    s.close();
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(a_closed_pool_stops_its_workers_when_there_is_nothing_left_to_do) {
    scheduler_steps s(2);
    s.submit(1);
    s.next();
    s.close();
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
    BOOST_TEST(s.next() == "stop 1");
    BOOST_TEST(s.next() == "none");
    s.died(0, {}, false);
    BOOST_TEST(!s.ended());
    s.died(1, {}, false);
    BOOST_TEST(s.ended());
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(a_closed_pool_does_its_backlog) {
    scheduler_steps s(1);
    for (unsigned call = 1; call != 4; ++call)
        s.submit(call);
    s.all_next();
    s.close();
    s.finish(0);
    BOOST_TEST(s.next() == "give 3[0,1) to 0");
    s.finish(0);
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
}

BOOST_AUTO_TEST_CASE(a_start_is_abandoned_when_a_closed_pool_has_nothing_left_to_do) {
    scheduler s(1);
    s.next();
    BOOST_TEST(text_of(s.next()) == "none");
    s.close();
    BOOST_TEST(text_of(s.next()) == "abandon 0");
    BOOST_TEST(text_of(s.next()) == "none");
    BOOST_TEST(!s.ended());
    s.died(0, {}, false);
    BOOST_TEST(text_of(s.next()) == "none");
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(a_start_is_not_abandoned_while_there_is_work) {
    scheduler_steps s(2);
    s.submit(1);
    s.next();
    s.died(1, {}, true);
    BOOST_TEST(s.next() == "start 1");
    s.close();
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
    BOOST_TEST(s.next() == "abandon 1");
}

BOOST_AUTO_TEST_CASE(a_worker_that_gets_ready_when_its_start_was_abandoned_is_stopped) {
    scheduler s(1);
    s.next();
    s.close();
    BOOST_TEST(text_of(s.next()) == "abandon 0");
    s.started(0);
    BOOST_TEST(text_of(s.next()) == "stop 0");
    BOOST_TEST(text_of(s.next()) == "none");
    s.died(0, {}, false);
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(a_closed_pool_replaces_who_died_with_work_left) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.all_next();
    s.close();
    s.died(0, {{2, 0, 1}}, true);
    BOOST_TEST(!s.ended());
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
    s.died(0, {}, false);
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(a_closed_pool_replaces_nobody_with_no_work_left) {
    scheduler_steps s(2);
    s.submit(1);
    s.next();
    s.close();
    s.died(0, {}, true);
    BOOST_TEST(s.next() == "stop 1");
    s.died(1, {}, false);
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(an_open_pool_has_not_ended) {
    scheduler s(1);
    BOOST_TEST(!s.ended());
    s.close();
    BOOST_TEST(s.ended()); // nothing was ever started
}

BOOST_AUTO_TEST_CASE(terminate_returns_the_backlog_and_nothing_is_given_or_started_after) {
    scheduler_steps s(2);
    for (unsigned call = 1; call != 8; ++call)
        s.submit(call);
    s.all_next();
    s.died(0, {}, true);
    const auto left = s.terminate();
    BOOST_TEST_REQUIRE(left.size() == 3u);
    for (unsigned i = 0; i != 3; ++i)
        BOOST_TEST((left[i] == work{5 + i, 0, 1}));
    BOOST_TEST(s.backlog() == 0u);
    BOOST_TEST(s.next() == "none");
    s.finish(1);
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(!s.ended());
    s.died(1, {{4, 0, 1}}, false);
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(terminate_may_be_repeated) {
    scheduler_steps s(1);
    BOOST_TEST(s.terminate().empty());
    BOOST_TEST(s.terminate().empty());
    BOOST_TEST(s.next() == "none");
    s.died(0, {}, false);
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(a_terminated_pool_gives_up_nothing_by_itself) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.all_next();
    s.terminate();
    s.quiet();
    s.close();
    s.died(0, {{2, 0, 1}}, false);
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_SUITE_END()

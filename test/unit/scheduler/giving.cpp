// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

using procpool::test::scheduler_steps;
using procpool::test::texts;

BOOST_AUTO_TEST_SUITE(giving)

BOOST_AUTO_TEST_CASE(an_idle_scheduler_decides_nothing) {
    scheduler_steps s(2);
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.idle());
    BOOST_TEST(!s.outstanding());
}

BOOST_AUTO_TEST_CASE(nothing_is_given_to_a_worker_that_is_not_ready) {
    procpool::scheduling::scheduler s(1);
    s.submitted({7, 0, 1});
    BOOST_TEST(procpool::test::text_of(s.next()) == "start 0");
    BOOST_TEST(procpool::test::text_of(s.next()) == "none");
    BOOST_TEST(!s.ready(0));
    s.started(0);
    BOOST_TEST(s.ready(0));
    BOOST_TEST(procpool::test::text_of(s.next()) == "give 7[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(work_is_given_in_the_order_of_submission) {
    scheduler_steps s(1);
    for (unsigned call = 1; call != 5; ++call)
        s.submit(call, call);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    BOOST_TEST(s.next() == "give 2[0,2) to 0");
    BOOST_TEST(s.next() == "none"); // one that it runs, one ahead
    s.finish(0, 1);
    BOOST_TEST(s.next() == "give 3[0,3) to 0");
    s.finish(0, 2);
    BOOST_TEST(s.next() == "give 4[0,4) to 0");
}

BOOST_AUTO_TEST_CASE(idle_workers_come_first) {
    scheduler_steps s(3);
    for (unsigned call = 1; call != 5; ++call)
        s.submit(call);
    BOOST_TEST(s.all_next() ==
                   (texts{"give 1[0,1) to 0", "give 2[0,1) to 1", "give 3[0,1) to 2", "give 4[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_an_idle_worker_the_one_with_the_least_to_do_comes_first) {
    scheduler_steps s(3);
    s.submit(1, 5);
    s.submit(2, 3);
    s.submit(3, 4);
    s.submit(4);
    s.all_next();
    BOOST_TEST(s.frames(0) == 1u);
    BOOST_TEST(s.frames(1) == 2u);
    BOOST_TEST(s.frames(2) == 1u);
    s.submit(5);
    BOOST_TEST(s.next() == "give 5[0,1) to 2"); // 1 has as few items but no room
}

BOOST_AUTO_TEST_CASE(the_window_grows_with_short_items) {
    scheduler_steps s(1);
    s.measured(0, 10'000);
    for (unsigned call = 1; call != 100; ++call)
        s.submit(call);
    BOOST_TEST(s.all_next().size() == 20u); // 200 microseconds
    s.finish(0, 1, 10'000);
    BOOST_TEST(s.all_next().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_window_shrinks_when_an_item_takes_long) {
    scheduler_steps s(1);
    s.measured(0, 10'000);
    for (unsigned call = 1; call != 100; ++call)
        s.submit(call);
    s.all_next();
    for (int i = 0; i != 18; ++i) {
        s.finish(0, 1, 1'000'000);
        BOOST_TEST(s.next() == "none");
    }
    s.finish(0, 1, 1'000'000);
    BOOST_TEST(s.next() == "give 21[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(what_was_refused_comes_first_and_goes_elsewhere) {
    scheduler_steps s(2);
    s.submit(1);
    s.submit(2);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    s.refused(0, {1, 0, 1});
    BOOST_TEST(s.next() == "give 1[0,1) to 1");
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(who_refused_gets_nothing_until_it_has_finished_something) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.next();
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    s.refused(0, {2, 0, 1});
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.backlog() == 1u);
    BOOST_TEST(s.frames(0) == 1u);
    s.finish(0);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(who_refused_and_has_nothing_left_to_finish_has_to_be_asked_again) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.next();
    s.next();
    s.refused(0, {2, 0, 1});
    BOOST_TEST(!s.is_full_of_nothing(0));
    s.revoked(0, {{1, 0, 1}}, 1);
    BOOST_TEST(s.is_full_of_nothing(0));
    BOOST_TEST(s.next() == "none");
    s.may_have_room(0);
    BOOST_TEST(!s.is_full_of_nothing(0));
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    s.refused(0, {2, 0, 1}); // it still has none
    BOOST_TEST(s.is_full_of_nothing(0));
}

BOOST_AUTO_TEST_CASE(who_refused_may_have_room_in_the_middle_of_a_frame) {
    scheduler_steps s(1);
    s.submit(1, 4);
    s.submit(2);
    s.next();
    s.next();
    s.refused(0, {2, 0, 1});
    s.finished(0, 0, 2, 0);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(who_refused_with_nothing_to_finish_is_tried_when_it_may_have_room) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.all_next();
    s.revoked(0, {{1, 0, 1}, {2, 0, 1}}, 2); // its ring is full of work that was cancelled
    s.submit(3);
    BOOST_TEST(s.next() == "give 3[0,1) to 0");
    BOOST_TEST(!s.is_full_of_nothing(0));
    s.refused(0, {3, 0, 1});
    BOOST_TEST(s.is_full_of_nothing(0));
    BOOST_TEST(s.next() == "none");
    s.may_have_room(0);
    BOOST_TEST(!s.is_full_of_nothing(0));
    BOOST_TEST(s.next() == "give 3[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(who_refused_and_has_something_to_finish_is_not_full_of_nothing) {
    scheduler_steps s(1);
    s.submit(1);
    s.submit(2);
    s.all_next();
    s.refused(0, {2, 0, 1});
    BOOST_TEST(!s.is_full_of_nothing(0));
}

BOOST_AUTO_TEST_CASE(who_has_no_room_to_stop_stops_when_it_may_have_room) {
    scheduler_steps s(1);
    s.close();
    BOOST_TEST(s.next() == "stop 0");
    BOOST_TEST(!s.awaits_room_to_stop());
    s.stop_refused(0);
    BOOST_TEST(s.awaits_room_to_stop());
    BOOST_TEST(s.is_full_of_nothing(0));
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(!s.ended());
    s.may_have_room(0);
    BOOST_TEST(!s.awaits_room_to_stop());
    BOOST_TEST(s.next() == "stop 0");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(who_was_idle_too_long_and_has_no_room_to_stop_may_be_idle_on) {
    scheduler_steps s(1);
    s.set_minimum(0);
    s.idle_too_long(0);
    BOOST_TEST(s.next() == "stop 0");
    s.stop_refused(0);
    BOOST_TEST(s.next() == "none");
    s.may_have_room(0);
    BOOST_TEST(s.next() == "none");
    s.idle_too_long(0);
    BOOST_TEST(s.next() == "stop 0");
}

BOOST_AUTO_TEST_CASE(who_has_no_room_to_stop_may_die) {
    scheduler_steps s(1);
    s.close();
    BOOST_TEST(s.next() == "stop 0");
    s.stop_refused(0);
    s.died(0, {}, true);
    BOOST_TEST(!s.awaits_room_to_stop());
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.ended());
}

BOOST_AUTO_TEST_CASE(who_has_no_room_to_stop_may_be_wanted_again) {
    scheduler_steps s(2);
    s.resize(1);
    BOOST_TEST(s.next() == "stop 1");
    s.stop_refused(1);
    s.resize(2);
    s.submit(1);
    s.submit(2);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    s.may_have_room(1);
    BOOST_TEST(s.next() == "give 2[0,1) to 1");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(what_is_begun_again_comes_first) {
    scheduler_steps s(1);
    s.submit(1);
    s.resubmitted({9, 3, 1});
    BOOST_TEST(s.next() == "give 9[3,4) to 0");
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(what_is_not_wanted_leaves_the_backlog_and_nothing_else_does) {
    scheduler_steps s(1);
    for (const unsigned call : {1u, 1u, 2u, 3u, 2u, 3u})
        s.submit(call);
    s.all_next();
    const auto gone = s.withdrawn([](const auto& each) { return each.call == 2; });
    BOOST_TEST(gone.size() == 2u);
    BOOST_TEST(s.backlog() == 2u);
    s.finish(0);
    BOOST_TEST(s.next() == "give 3[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(it_counts_what_is_outstanding_and_done) {
    scheduler_steps s(1);
    s.submit(1, 5);
    BOOST_TEST(!s.idle());
    s.next();
    BOOST_TEST(s.outstanding());
    s.finished(0, 0, 2, 0);
    BOOST_TEST(s.items_done(0) == 2u);
    BOOST_TEST(s.outstanding());
    s.finish(0, 3);
    BOOST_TEST(s.items_done(0) == 5u);
    BOOST_TEST(s.idle());
}

BOOST_AUTO_TEST_CASE(no_more_workers_than_cpus_are_woken_for_short_items) {
    scheduler_steps s(4, std::nullopt, 2);
    s.all_measured(10'000);
    for (unsigned call = 1; call != 100; ++call)
        s.submit(call);
    BOOST_TEST(s.all_next().size() == 40u);
    BOOST_TEST(s.frames(0) == 20u);
    BOOST_TEST(s.frames(1) == 20u);
    s.finish(0, 1, 10'000);
    BOOST_TEST(s.next() == "give 41[0,1) to 0");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(workers_that_were_woken_before_items_were_known_to_be_short_become_idle) {
    scheduler_steps s(4, std::nullopt, 2);
    for (unsigned call = 1; call != 1000; ++call)
        s.submit(call);
    s.all_next();
    for (std::size_t worker = 0; worker != 4; ++worker)
        BOOST_TEST(s.frames(worker) == 2u);
    for (int round = 0; round != 40; ++round)
        for (std::size_t worker = 0; worker != 4; ++worker)
            if (s.frames(worker) != 0) {
                s.finish(worker, 1, 10'000);
                s.all_next();
            }
    BOOST_TEST(s.frames(0) > 2u);
    BOOST_TEST(s.frames(2) == 0u);
    BOOST_TEST(s.frames(3) == 0u);
}

BOOST_AUTO_TEST_CASE(one_worker_is_enough_for_calls_that_take_less_time_than_to_give_them) {
    for (const std::uint64_t nanoseconds : {100u, 400u, 700u}) {
        scheduler_steps s(4);
        s.all_measured(nanoseconds);
        for (unsigned call = 1; call != 100; ++call)
            s.submit(call);
        s.all_next();
        for (std::size_t worker = 0; worker != 4; ++worker)
            BOOST_TEST((s.frames(worker) != 0) == (worker <= nanoseconds / 300));
    }
}

BOOST_AUTO_TEST_CASE(many_very_short_items_are_for_all_workers) {
    scheduler_steps s(4);
    s.all_measured(10);
    for (unsigned call = 1; call != 100; ++call)
        s.submit(call, 1000);
    s.all_next();
    for (std::size_t worker = 0; worker != 4; ++worker)
        BOOST_TEST(s.frames(worker) != 0u);
}

BOOST_AUTO_TEST_CASE(that_idle_workers_are_given_nothing_is_told_until_all_is_quiet) {
    scheduler_steps s(2);
    s.all_measured(100);
    s.submit(1);
    s.all_next();
    BOOST_TEST(!s.holds_back()); // one item, which has begun
    s.submit(2);
    s.submit(3);
    s.all_next();
    BOOST_TEST(s.frames(1) == 0u);
    BOOST_TEST(s.holds_back());
    s.quiet();
    BOOST_TEST(s.next() == "take 1 from 0");
    s.reclaimed(0, {{3, 0, 1}}, 1);
    BOOST_TEST(s.next() == "give 3[0,1) to 1");
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(!s.holds_back());
}

BOOST_AUTO_TEST_CASE(all_workers_are_woken_for_items_that_may_be_long) {
    for (const std::uint64_t nanoseconds : {std::uint64_t{0}, std::uint64_t{1'000'000}}) {
        scheduler_steps s(4, std::nullopt, 2);
        s.all_measured(nanoseconds);
        for (unsigned call = 1; call != 10; ++call)
            s.submit(call);
        s.all_next();
        for (std::size_t worker = 0; worker != 4; ++worker)
            BOOST_TEST(s.frames(worker) != 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_short_item_that_turns_out_to_be_long_wakes_others) {
    for (const bool quiet : {false, true}) {
        scheduler_steps s(3, std::nullopt, 2);
        s.all_measured(10'000);
        for (unsigned call = 1; call != 30'000; ++call)
            s.submit(call);
        s.all_next();
        BOOST_TEST(s.frames(2) == 0u);
        if (quiet)
            s.quiet();
        else
            for (int look = 0; look != 5'000; ++look) { // 1 gets on, 0 does not
                s.finish(1, 1, 10'000);
                s.all_next();
            }
        s.all_next();
        BOOST_TEST(s.frames(2) != 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()

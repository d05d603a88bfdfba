// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <climits>
#include <cstdint>

using procpool::scheduling::any_worker;
using procpool::test::scheduler_steps;
using procpool::test::texts;
using procpool::test::work;

namespace {

/// Items of the call that was submitted as the `order`-th, counted from 0.
work piece(procpool::scheduling::call_id call, std::uint32_t first, std::uint32_t items, int priority,
           std::uint64_t order) {
    return {call, first, items, any_worker, priority, order};
}

/// Workers that each run the first of ten items of a call: worker 0 of call 1, worker 1 of call 2, and so on.
struct all_busy : scheduler_steps {
    explicit all_busy(std::size_t workers) : scheduler_steps(workers) {
        for (std::size_t worker = 0; worker != workers; ++worker)
            submit(worker + 1, 10);
        all_next();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(priorities)

BOOST_AUTO_TEST_CASE(the_highest_priority_goes_first_and_among_equals_the_first_submitted) {
    scheduler_steps s(1);
    for (const int priority : {0, 2, -1, 2, 0, INT_MAX, INT_MIN, -1})
        s.submit(s.backlog(), 1, priority); // calls 0, 1, 2 and so on
    texts order;
    for (auto next = s.next();; next = s.next()) {
        if (next != "none")
            order.push_back(next);
        else if (s.outstanding())
            s.finish(0);
        else
            break;
    }
    BOOST_TEST(order ==
                   (texts{"give 5[0,1) to 0", "give 1[0,1) to 0", "give 3[0,1) to 0", "give 0[0,1) to 0",
                          "give 4[0,1) to 0", "give 2[0,1) to 0", "give 7[0,1) to 0", "give 6[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lower_work_is_taken_back_from_all_workers_before_urgent_work_is_given) {
    all_busy s(2);
    s.submit(9, 1, 1);
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    BOOST_TEST(s.next() == "take below 1 from 1");
    s.lower_taken(1, 1, {piece(2, 1, 9, 0, 1)}, 0);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    BOOST_TEST(s.next() == "none"); // 9 waits behind the item that 0 runs
    s.finish(0);
    BOOST_TEST(s.all_next() == (texts{"give 1[1,10) to 0", "give 2[1,10) to 1"}), // 9 has begun
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(urgent_work_goes_to_the_worker_that_is_idle_first) {
    all_busy s(2);
    s.submit(9, 1, 1);
    s.next();
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    s.next();
    s.lower_taken(1, 1, {piece(2, 1, 9, 0, 1)}, 0);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    s.finish(1);
    BOOST_TEST(s.next() == "take 1 of 1 from 0");
    s.reclaimed(0, {piece(9, 0, 1, 1, 2)}, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 1");
    BOOST_TEST(s.next() == "give 1[1,10) to 0");
}

BOOST_AUTO_TEST_CASE(if_it_has_begun_meanwhile_the_idle_worker_goes_on_with_the_rest) {
    all_busy s(2);
    s.submit(9, 1, 1);
    s.next();
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    s.next();
    s.lower_taken(1, 1, {piece(2, 1, 9, 0, 1)}, 0);
    s.next();
    s.finish(1);
    BOOST_TEST(s.next() == "take 1 of 1 from 0");
    s.reclaimed(0, {}, 0);
    BOOST_TEST(s.next() == "give 1[1,10) to 1");
    BOOST_TEST(s.next().substr(0, 4) == "give");
}

BOOST_AUTO_TEST_CASE(an_idle_worker_gets_it_at_once) {
    scheduler_steps s(2);
    s.submit(1, 10);
    BOOST_TEST(s.next() == "give 1[0,10) to 0");
    s.submit(9, 1, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(the_rest_of_an_urgent_chunk_waits_too) {
    all_busy s(2);
    s.finish(1, 10);
    s.submit(9, 4, 1);
    BOOST_TEST(s.next() == "give 9[0,4) to 1");
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "take 2 of 1 from 1");
    s.reclaimed(1, {piece(9, 2, 2, 1, 2)}, 0);
    BOOST_TEST(s.next() == "give 9[2,4) to 0");
    BOOST_TEST(s.next() == "none");
    s.finished(1, 0, 1, 0);
    s.finished(0, 0, 1, 0);
    BOOST_TEST(s.next() == "give 1[1,10) to 0"); // each runs its last item
}

BOOST_AUTO_TEST_CASE(items_that_are_given_back_later_are_taken_then) {
    all_busy s(1);
    s.submit(9, 1, 1);
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 4, 6, 0, 0)}, 0); // four are claimed
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    BOOST_TEST(s.next() == "none");
    s.may_be_taken_back(0);
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 1, 3, 0, 0)}, 0);
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "give 1[1,4) to 0"); // in the order of submission
}

BOOST_AUTO_TEST_CASE(work_that_was_taken_back_keeps_its_place_among_equals) {
    scheduler_steps s(1);
    s.submit(1, 3);
    s.submit(2, 3);
    s.submit(3, 3);
    s.all_next();
    s.submit(9, 1, 1);
    s.next();
    s.lower_taken(0, 1, {piece(1, 1, 2, 0, 0), piece(2, 0, 3, 0, 1)}, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    s.finish(0);
    BOOST_TEST(s.next() == "give 1[1,3) to 0");
    s.finish(0);
    BOOST_TEST(s.next() == "give 2[0,3) to 0");
}

BOOST_AUTO_TEST_CASE(negative_priorities_wait_for_all_others) {
    scheduler_steps s(1);
    s.submit(1, 10, -1);
    BOOST_TEST(s.next() == "give 1[0,10) to 0");
    s.submit(2);
    BOOST_TEST(s.next() == "take below 0 from 0");
    s.lower_taken(0, 0, {piece(1, 1, 9, -1, 0)}, 0);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "give 1[1,10) to 0");
}

BOOST_AUTO_TEST_CASE(without_priorities_nothing_is_taken_back_for_later_work) {
    all_busy s(2);
    s.submit(9);
    BOOST_TEST(s.all_next() == texts{"give 9[0,1) to 0"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(retried_work_keeps_its_priority_and_its_place) {
    scheduler_steps s(1);
    for (unsigned call = 1; call != 4; ++call)
        s.submit(call, 1, call == 1 ? 1 : 0);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    s.finish(0);
    s.resubmitted(piece(1, 0, 1, 1, 0));
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {}, 0);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(what_is_not_wanted_leaves_the_rest_in_order) {
    scheduler_steps s(1);
    for (unsigned call = 1; call != 8; ++call)
        s.submit(call, 1, static_cast<int>(call % 3));
    BOOST_TEST(s.withdrawn([](const auto& each) { return each.call == 5 || each.call == 1; }).size() == 2u);
    texts order;
    while (!s.idle()) {
        for (const auto& each : s.all_next())
            order.push_back(each);
        s.finish(0);
    }
    BOOST_TEST(order == (texts{"give 2[0,1) to 0", "give 4[0,1) to 0", "give 7[0,1) to 0", "give 3[0,1) to 0",
                               "give 6[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pinned_work_of_a_higher_priority_goes_before_what_its_worker_has) {
    all_busy s(2);
    s.submit_pinned(8, 1, 0);
    BOOST_TEST(s.next() == "give 8[0,1) to 1");
    s.submit_pinned(9, 1, 1);
    BOOST_TEST(s.next() == "take below 1 from 1"); // and nothing from 0, which cannot run it
    s.lower_taken(1, 1, {piece(2, 1, 9, 0, 1), {8, 0, 1, 1, 0, 2}}, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 1");
    BOOST_TEST(s.next() == "give 2[1,10) to 0");
    BOOST_TEST(s.next() == "give 8[0,1) to 1"); // behind it
}

BOOST_AUTO_TEST_CASE(pinned_work_of_a_lower_priority_waits_for_other_work) {
    all_busy s(1);
    s.submit_pinned(8, 0, 0);
    BOOST_TEST(s.next() == "give 8[0,1) to 0");
    s.submit(9, 1, 1);
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0), {8, 0, 1, 0, 0, 1}}, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "give 1[1,10) to 0"); // submitted before it
    BOOST_TEST(s.next() == "give 8[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(pinned_work_holds_up_no_other_worker) {
    all_busy s(2);
    s.submit_pinned(9, 0, 5);
    BOOST_TEST(s.next() == "take below 5 from 0");
    s.lower_taken(0, 5, {piece(1, 1, 9, 0, 0)}, 0);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    s.finish(1, 10);
    BOOST_TEST(s.next() == "give 1[1,10) to 1");
}

BOOST_AUTO_TEST_CASE(an_idle_worker_runs_what_its_pinned_work_waits_for) {
    all_busy s(2);
    s.submit(9, 1, 1);
    s.next();
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    s.next();
    s.lower_taken(1, 1, {piece(2, 1, 9, 0, 1)}, 0);
    BOOST_TEST(s.next() == "give 9[0,1) to 0");
    s.withdrawn([](const work&) { return true; });
    s.submit_pinned(8, 1, 0);
    BOOST_TEST(s.next() == "none"); // behind 9
    s.finish(1);
    BOOST_TEST(s.next() == "take 1 of 1 from 0");
    s.reclaimed(0, {piece(9, 0, 1, 1, 2)}, 1);
    BOOST_TEST(s.next() == "give 9[0,1) to 1");
    BOOST_TEST(s.next() == "give 8[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(a_full_worker_lets_its_pinned_work_go_first_too) {
    all_busy s(1);
    s.submit(2);
    BOOST_TEST(s.next() == "give 2[0,1) to 0");
    s.refused(0, piece(2, 0, 1, 0, 1));
    s.submit_pinned(9, 0, 1);
    BOOST_TEST(s.next() == "take below 1 from 0");
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    BOOST_TEST(s.next() == "none"); // it has no room
    s.finish(0);
    BOOST_TEST(s.all_next() == (texts{"give 9[0,1) to 0", "give 1[1,10) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pinned_work_is_ordered_by_priority_too) {
    scheduler_steps s(1);
    s.submit(1, 1, 9);
    s.submit_pinned(2, 0, 1);
    s.submit_pinned(3, 0, 2);
    s.submit_pinned(4, 0, 1);
    BOOST_TEST(s.all_next() ==
                   (texts{"give 1[0,1) to 0", "give 3[0,1) to 0", "give 2[0,1) to 0", "give 4[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_dead_worker_had_not_begun_comes_back_by_priority) {
    all_busy s(1);
    s.submit(2);
    s.submit(9, 1, 1);
    s.next();
    s.lower_taken(0, 1, {piece(1, 1, 9, 0, 0)}, 0);
    s.next();
    s.died(0, {piece(9, 0, 1, 1, 2)}, true);
    BOOST_TEST(s.next() == "start 0");
    s.started(0);
    BOOST_TEST(s.all_next() == (texts{"give 9[0,1) to 0", "give 1[1,10) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(workers_that_are_added_order_their_pinned_work) {
    scheduler_steps s(1);
    s.submit(1, 1, 1);
    s.next();
    s.resize(2);
    BOOST_TEST(s.next() == "start 1");
    s.submit_pinned(2, 1, 0);
    s.submit_pinned(3, 1, 1);
    s.started(1);
    BOOST_TEST(s.all_next() == (texts{"give 3[0,1) to 1", "give 2[0,1) to 1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

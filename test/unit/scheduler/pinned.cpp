// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using procpool::test::scheduler_steps;
using procpool::test::texts;
using procpool::test::work;

// Work whose item i is for worker i alone.

namespace {

void submit_to_each(scheduler_steps& to, procpool::scheduling::call_id call, std::uint32_t workers) {
    for (std::uint32_t i = 0; i != workers; ++i)
        to.submitted({call, i, 1, i, 0, 0, true});
}

} // namespace

BOOST_AUTO_TEST_SUITE(pinned)

BOOST_AUTO_TEST_CASE(each_item_goes_to_its_worker) {
    scheduler_steps s(3);
    submit_to_each(s, 7, 3);
    BOOST_TEST(s.backlog() == 3u);
    BOOST_TEST(s.all_next() == (texts{"give 7[0,1) to 0", "give 7[1,2) to 1", "give 7[2,3) to 2"}),
               boost::test_tools::per_element());
    BOOST_TEST(s.backlog() == 0u);
}

BOOST_AUTO_TEST_CASE(it_does_not_wait_behind_what_others_could_run) {
    scheduler_steps s(1);
    for (unsigned call = 0; call != 50; ++call)
        s.submit(call);
    s.measured(0, 1'000'000'000);
    BOOST_TEST(s.next() == "give 0[0,1) to 0");
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
    BOOST_TEST(s.next() == "none");
    submit_to_each(s, 99, 1);
    BOOST_TEST(s.next() == "give 99[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(unless_it_is_to_go_at_once_it_waits_for_what_was_submitted_before_and_for_nothing_else) {
    scheduler_steps s(1);
    for (unsigned call = 0; call != 4; ++call)
        s.submit(call);
    s.submit_pinned(99, 0, 0);
    s.submit(4);
    texts order;
    while (!s.idle()) {
        for (const auto& each : s.all_next())
            order.push_back(each);
        s.finish(0);
    }
    BOOST_TEST(order == (texts{"give 0[0,1) to 0", "give 1[0,1) to 0", "give 2[0,1) to 0", "give 3[0,1) to 0",
                               "give 99[0,1) to 0", "give 4[0,1) to 0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_dead_worker_had_not_begun_goes_to_its_replacement) {
    scheduler_steps s(2);
    submit_to_each(s, 7, 2);
    s.all_next();
    s.died(1, {{7, 1, 1, 1}}, true);
    BOOST_TEST(s.next() == "start 1");
    BOOST_TEST(s.next() == "none"); // worker 0 is idle soon, and does not get it
    s.finish(0);
    BOOST_TEST(s.next() == "none");
    s.started(1);
    BOOST_TEST(s.next() == "give 7[1,2) to 1");
}

BOOST_AUTO_TEST_CASE(what_had_no_room_is_offered_again) {
    scheduler_steps s(1);
    submit_to_each(s, 7, 1);
    s.next();
    s.refused(0, {7, 0, 1, 0});
    BOOST_TEST(s.next() == "none");
    s.may_have_room(0);
    BOOST_TEST(s.next() == "give 7[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(it_is_given_up_when_its_worker_is_though_others_live) {
    scheduler_steps s(2);
    submit_to_each(s, 7, 2);
    s.all_next();
    s.died(1, {{7, 1, 1, 1}}, false);
    for (unsigned attempt = 1; attempt != procpool::scheduling::scheduler::start_attempts; ++attempt) {
        BOOST_TEST(s.next() == "start 1");
        s.died(1, {}, false);
    }
    BOOST_TEST(s.next() == "give up 7[1,2)");
    BOOST_TEST(s.next() == "none");
    BOOST_TEST(s.backlog() == 0u);
}

BOOST_AUTO_TEST_CASE(a_closed_pool_finishes_it) {
    scheduler_steps s(1);
    submit_to_each(s, 7, 1);
    s.close();
    BOOST_TEST(s.next() == "give 7[0,1) to 0");
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "stop 0");
}

BOOST_AUTO_TEST_CASE(terminate_and_withdrawal_return_it) {
    scheduler_steps s(2);
    s.died(1, {}, true);
    submit_to_each(s, 7, 2);
    submit_to_each(s, 8, 2);
    const auto gone = s.withdrawn([](const work& each) { return each.call == 8; });
    BOOST_TEST(gone.size() == 2u);
    BOOST_TEST(s.backlog() == 2u);
    BOOST_TEST(s.terminate().size() == 2u);
    BOOST_TEST(s.backlog() == 0u);
    BOOST_TEST(s.next() == "none");
}

BOOST_AUTO_TEST_CASE(it_goes_to_whichever_place_has_its_turn) {
    scheduler_steps s(1, 1);
    submit_to_each(s, 7, 1);
    submit_to_each(s, 8, 1);
    BOOST_TEST(s.next() == "give 7[0,1) to 0");
    BOOST_TEST(s.next() == "start 1");
    s.started(1);
    BOOST_TEST(s.next() == "none");
    s.finish(0);
    BOOST_TEST(s.next() == "give 8[0,1) to 1");
}

BOOST_AUTO_TEST_SUITE_END()

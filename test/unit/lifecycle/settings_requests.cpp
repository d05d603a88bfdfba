// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/settings_requests.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>

using procpool::pooling::settings_requests;
using namespace std::chrono_literals;

namespace {

const settings_requests::time now{};

struct three_places : settings_requests {
    three_places() { grow_to(3); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(settings_requests_)

BOOST_AUTO_TEST_CASE(a_request_is_taken_once_and_answered_once) {
    three_places r;
    const auto what = r.ask(1, now + 1s, false);
    BOOST_TEST(!r.there(1));
    BOOST_TEST(r.take(what));
    BOOST_TEST(!r.take(what));
    BOOST_TEST(r.answer(what, {{.niceness = 3}, {}}));
    BOOST_TEST(!r.answer(what, {{.niceness = 4}, {}}));
    BOOST_TEST(r.there(1));
    BOOST_TEST(r.collect(1).settings.niceness == 3);
    BOOST_TEST(!r.there(1));
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_forgotten_request_is_dropped) {
    three_places r;
    const auto old = r.ask(0, now, false);
    BOOST_TEST(r.take(old));
    BOOST_TEST(r.forget(0));
    BOOST_TEST(!r.answer(old, {}));
    const auto next = r.ask(0, now, false);
    BOOST_TEST(!r.take(old));
    BOOST_TEST(!r.answer(old, {}));
    BOOST_TEST(r.answer(next, {}));
    BOOST_TEST(!r.forget(0)); // it was answered
    BOOST_TEST(!r.there(0));
}

BOOST_AUTO_TEST_CASE(requests_are_left_for_a_thread_from_a_place_on) {
    three_places r;
    static_cast<void>(r.ask(0, now, true));
    static_cast<void>(r.ask(1, now, false));
    const auto last = r.ask(2, now, true);
    BOOST_TEST(r.first_left(1)->place == 2u);
    r.leave_to_all(last);
    BOOST_TEST(!r.first_left(1));
    BOOST_TEST(r.first_left(0)->place == 0u);
    BOOST_TEST(r.take(last));
}

BOOST_AUTO_TEST_CASE(the_first_limit_is_that_of_requests_without_an_answer) {
    three_places r;
    BOOST_TEST(!r.first_limit());
    const auto early = r.ask(0, now + 1s, false);
    const auto late = r.ask(2, now + 2s, true);
    BOOST_TEST((r.first_limit() == now + 1s));
    BOOST_TEST(!r.first_late(now));
    BOOST_TEST(r.first_late(now + 1s)->place == 0u);
    BOOST_TEST(r.answer(early, {}));
    BOOST_TEST((r.first_limit() == now + 2s));
    BOOST_TEST(r.take(late)); // the function may hang
    BOOST_TEST(r.first_late(now + 2s)->number == late.number);
}

BOOST_AUTO_TEST_CASE(the_limit_of_those_that_wait_for_their_turn_is_put_off) {
    three_places r;
    const auto first = r.ask(0, now + 1s, false);
    static_cast<void>(r.ask(1, now + 1s, false));
    BOOST_TEST(r.take(first));
    r.put_off(now + 3s);
    BOOST_TEST(r.first_late(now + 1s)->number == first.number);
    BOOST_TEST(r.answer(first, {}));
    BOOST_TEST((r.first_limit() == now + 3s));
    r.put_off(now + 2s);
    BOOST_TEST((r.first_limit() == now + 3s));
}

BOOST_AUTO_TEST_SUITE_END()

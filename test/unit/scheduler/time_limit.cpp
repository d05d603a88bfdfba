// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "scheduler/time_limit.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

using namespace std::chrono_literals;
using procpool::scheduling::time_limit;
using verdict = time_limit::verdict;

namespace {

constexpr time_limit::duration grace = 100ms;

constexpr time_limit::time at(std::chrono::nanoseconds since_start) {
    return time_limit::time(std::chrono::hours(1) + since_start);
}

struct watch {
    time_limit limit;

    verdict look(std::chrono::nanoseconds now, const std::optional<time_limit::item>& current) {
        return limit.look(at(now), current, grace);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(time_limits, watch)

BOOST_AUTO_TEST_CASE(nobody_looks_at_the_clock_without_a_reason) {
    BOOST_TEST(!limit.next_look().has_value());
    BOOST_TEST((look(0s, std::nullopt) == verdict::go_on));
    BOOST_TEST(!limit.next_look().has_value());
    BOOST_TEST((look(0s, time_limit::item{1, 0s, at(0s)}) == verdict::go_on));
    BOOST_TEST(!limit.next_look().has_value());
}

BOOST_AUTO_TEST_CASE(an_item_has_its_time_from_when_it_began) {
    const time_limit::item item{1, 1s, at(5s)};
    BOOST_TEST((look(5s, item) == verdict::go_on));
    BOOST_TEST((limit.next_look() == at(6s)));
    BOOST_TEST((look(6s - 1ns, item) == verdict::go_on));
    BOOST_TEST((look(6s, item) == verdict::ask_to_stop));
}

BOOST_AUTO_TEST_CASE(an_item_that_is_not_known_to_have_begun_has_its_whole_time) {
    const time_limit::item item{1, 1s, std::nullopt};
    BOOST_TEST((look(5s, item) == verdict::go_on));
    BOOST_TEST((look(50s, item) == verdict::go_on));
    BOOST_TEST((limit.next_look() == at(51s)));
}

BOOST_AUTO_TEST_CASE(who_does_not_stop_within_the_grace_is_ended) {
    const time_limit::item item{1, 1s, at(0s)};
    BOOST_TEST((look(1s, item) == verdict::ask_to_stop));
    BOOST_TEST((limit.next_look() == at(1s + grace)));
    BOOST_TEST((look(1s + grace - 1ns, item) == verdict::go_on));
    BOOST_TEST((look(1s + grace, item) == verdict::end_worker));
}

BOOST_AUTO_TEST_CASE(that_a_worker_is_to_be_ended_is_said_until_the_item_is_gone) {
    const time_limit::item item{1, 1s, at(0s)};
    look(1s, item);
    BOOST_TEST((look(1s + grace, item) == verdict::end_worker));
    limit.asked(1, at(1s + grace), grace);
    BOOST_TEST((look(1s + grace, item) == verdict::end_worker));
    const time_limit::item next{2, 1s, at(1s + grace)};
    BOOST_TEST((look(1s + grace, next) == verdict::go_on));
    BOOST_TEST((limit.next_look() == at(2s + grace)));
}

BOOST_AUTO_TEST_CASE(an_item_is_asked_once) {
    const time_limit::item item{1, 1s, at(0s)};
    BOOST_TEST((look(1s, item) == verdict::ask_to_stop));
    BOOST_TEST((look(1s + 1ms, item) == verdict::go_on));
}

BOOST_AUTO_TEST_CASE(the_next_item_has_its_own_time) {
    look(1s, time_limit::item{1, 1s, at(0s)});
    const time_limit::item next{2, 1s, at(1s + 10ms)};
    BOOST_TEST((look(1s + grace, next) == verdict::go_on));
    BOOST_TEST((limit.next_look() == at(2s + 10ms)));
    BOOST_TEST((look(2s + 10ms, next) == verdict::ask_to_stop));
}

BOOST_AUTO_TEST_CASE(who_is_asked_for_another_reason_has_the_grace_too) {
    const time_limit::item item{1, 0s, at(0s)};
    limit.asked(1, at(0s), grace);
    BOOST_TEST((look(grace - 1ns, item) == verdict::go_on));
    BOOST_TEST((look(grace, item) == verdict::end_worker));
}

BOOST_AUTO_TEST_CASE(no_grace_ends_the_worker_with_the_next_look) {
    const time_limit::item item{1, 1s, at(0s)};
    BOOST_TEST((limit.look(at(1s), item, 0s) == verdict::ask_to_stop));
    BOOST_TEST((limit.look(at(1s), item, 0s) == verdict::end_worker));
}

BOOST_AUTO_TEST_CASE(a_new_process_is_not_blamed_for_the_one_before) {
    limit.asked(1, at(0s), grace);
    limit.reset();
    BOOST_TEST(!limit.next_look().has_value());
    BOOST_TEST((look(10s, time_limit::item{1, 0s, at(0s)}) == verdict::go_on));
}

BOOST_AUTO_TEST_CASE(an_item_that_has_an_outcome_is_forgotten_since_its_name_is_used_again) {
    limit.asked(5, at(0ms), grace);
    limit.settled();
    BOOST_TEST((look(1s, time_limit::item{5, 1s, {}}) == verdict::go_on));
}

BOOST_AUTO_TEST_CASE(the_longest_durations_are_never_over) {
    constexpr auto longest = time_limit::duration::max();
    BOOST_TEST((look(1s, time_limit::item{1, longest, at(0s)}) == verdict::go_on));
    BOOST_TEST(!limit.next_look().has_value());
    limit.asked(1, at(0s), longest);
    BOOST_TEST((look(1s, time_limit::item{1, 0s, at(0s)}) == verdict::go_on));
}

BOOST_AUTO_TEST_CASE(a_worker_that_tells_a_senseless_time_hurts_itself_alone) {
    const time_limit::item from_the_future{1, 1s, time_limit::time::max()};
    BOOST_TEST((look(5s, from_the_future) == verdict::go_on));
    BOOST_TEST((limit.next_look() == at(6s)));
    const time_limit::item from_before_time{2, 1s, time_limit::time::min()};
    BOOST_TEST((look(5s, from_before_time) == verdict::ask_to_stop));
}

BOOST_AUTO_TEST_SUITE_END()

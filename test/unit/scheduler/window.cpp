// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "scheduler/window.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>

namespace scheduling = procpool::scheduling;

namespace {

scheduling::task_time after(std::initializer_list<std::uint64_t> measured) {
    scheduling::task_time time;
    for (const auto each : measured)
        time.add(each);
    return time;
}

} // namespace

BOOST_AUTO_TEST_SUITE(window)

BOOST_AUTO_TEST_CASE(a_task_that_was_never_measured_is_taken_for_a_long_one) {
    BOOST_TEST(!after({}).known());
    BOOST_TEST(after({}).estimate(1) >= scheduling::window_nanoseconds);
    BOOST_TEST(after({}).estimate(0) == 0u);
}

BOOST_AUTO_TEST_CASE(the_first_measurement_is_believed) {
    BOOST_TEST(after({700}).known());
    BOOST_TEST(after({700}).estimate(3) == 2100u);
}

BOOST_AUTO_TEST_CASE(a_longer_task_is_believed_at_once_and_a_shorter_one_by_and_by) {
    BOOST_TEST(after({100, 9000}).estimate(1) == 9000u);
    BOOST_TEST(after({1000, 200}).estimate(1) == 800u);
    BOOST_TEST(after({1000, 200, 200}).estimate(1) == 650u);
}

BOOST_AUTO_TEST_CASE(the_estimate_reaches_what_is_measured_again_and_again) {
    scheduling::task_time time;
    time.add(1'000'000);
    for (int i = 0; i != 60; ++i)
        time.add(1000);
    BOOST_TEST(time.estimate(1) == 1000u);
}

BOOST_AUTO_TEST_CASE(a_task_of_no_time_is_known) {
    BOOST_TEST(after({0}).known());
    BOOST_TEST(after({0}).estimate(5) == 5u);
}

BOOST_AUTO_TEST_CASE(what_a_worker_says_of_its_time_is_believed_up_to_a_week) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const auto week = after({7ULL * 24 * 3600 * 1'000'000'000});
    BOOST_TEST(after({most}).estimate(1) == week.estimate(1));
    BOOST_TEST(after({most}).estimate(std::numeric_limits<std::uint32_t>::max()) == most); // and no less
    BOOST_TEST(!scheduling::window_has_room(2, std::numeric_limits<std::uint32_t>::max(), after({most})));
}

BOOST_AUTO_TEST_CASE(the_least_window_is_always_open) {
    BOOST_TEST(scheduling::window_has_room(0, 0, after({})));
    BOOST_TEST(scheduling::window_has_room(1, 1'000'000, after({1'000'000'000})));
    BOOST_TEST(!scheduling::window_has_room(2, 2, after({})));
}

BOOST_AUTO_TEST_CASE(the_window_is_as_deep_as_items_are_short) {
    BOOST_TEST(scheduling::window_has_room(199, 199, after({1000})));
    BOOST_TEST(!scheduling::window_has_room(200, 200, after({1000})));
    BOOST_TEST(!scheduling::window_has_room(2, 200, after({1000})));
    BOOST_TEST(!scheduling::window_has_room(2, 2, after({1'000'000})));
}

BOOST_AUTO_TEST_CASE(the_window_never_has_more_frames_than_a_channel_has_slots) {
    BOOST_TEST(scheduling::window_has_room(999, 999, after({1})));
    BOOST_TEST(!scheduling::window_has_room(1000, 1000, after({1})));
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/stream/stream_reader.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>

using procpool::detail::stream_plan;

BOOST_AUTO_TEST_SUITE(stream_planning)

BOOST_AUTO_TEST_CASE(items_go_one_by_one_unless_asked) {
    BOOST_TEST(stream_plan({}, {}, 4).chunk() == 1U);
    BOOST_TEST(stream_plan(7, {}, 4).chunk() == 7U);
}

BOOST_AUTO_TEST_CASE(every_worker_may_have_one_chunk_and_one_ahead_unless_asked) {
    BOOST_TEST(stream_plan({}, {}, 4).max_ahead() == 8U);
    BOOST_TEST(stream_plan(10, {}, 3).max_ahead() == 60U);
    BOOST_TEST(stream_plan(10, 100, 3).max_ahead() == 100U);
}

BOOST_AUTO_TEST_CASE(a_chunk_is_not_larger_than_what_may_be_in_flight) {
    BOOST_TEST(stream_plan(10, 4, 3).chunk() == 4U);
    BOOST_TEST(stream_plan(10, 1, 3).chunk() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_at_a_time_is_refused) {
    BOOST_CHECK_THROW(stream_plan(0, {}, 1), std::invalid_argument);
    BOOST_CHECK_THROW(stream_plan({}, 0, 1), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_largest_numbers_are_taken_for_what_they_are) {
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    const stream_plan plan(most, most, 65536);
    BOOST_TEST(plan.chunk() >= 1'000'000'000U);
    BOOST_TEST(plan.max_ahead() == most);
    BOOST_TEST(stream_plan(most, {}, 65536).max_ahead() >= plan.chunk());
}

BOOST_AUTO_TEST_CASE(there_is_room_for_whole_chunks) {
    const stream_plan plan(3, 10, 2);
    BOOST_TEST(plan.has_room(0));
    BOOST_TEST(plan.has_room(7));
    BOOST_TEST(!plan.has_room(8));
    BOOST_TEST(!plan.has_room(10));
}

BOOST_AUTO_TEST_CASE(a_narrow_stream_is_kept_full) {
    const stream_plan plan({}, 8, 4);
    for (const bool waits : {false, true}) {
        BOOST_TEST(!plan.should_pull(8, waits));
        BOOST_TEST(plan.should_pull(7, waits));
        BOOST_TEST(plan.should_pull(0, waits));
    }
}

BOOST_AUTO_TEST_CASE(a_wide_stream_pulls_several_items_together) {
    const stream_plan plan({}, 800, 4);
    BOOST_TEST(!plan.should_pull(799, true));
    BOOST_TEST(!plan.should_pull(701, true));
    BOOST_TEST(plan.should_pull(700, true));
    BOOST_TEST(!plan.should_pull(601, false));
    BOOST_TEST(plan.should_pull(600, false));
}

BOOST_AUTO_TEST_CASE(a_stream_with_nothing_ahead_always_pulls) {
    for (const std::size_t chunk : {1U, 5U, 1000U})
        for (const std::size_t ahead : {1U, 2U, 63U, 64U, 65U, 999U, 1000U, 5000U})
            BOOST_TEST(stream_plan(chunk, ahead, 2).should_pull(0, true));
}

BOOST_AUTO_TEST_SUITE_END()

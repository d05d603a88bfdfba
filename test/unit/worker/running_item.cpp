// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/running_item.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <stop_token>

namespace channel = procpool::channel;

namespace {

struct items {
    procpool::serving::running_item running{[](std::stop_source source) {
        source.request_stop();
    }};

    /// Runs an item of a frame. Returns whether it was asked to stop when it started.
    bool begins_stopped(std::uint64_t sequence, std::uint32_t item) {
        running.begin(channel::item_id(sequence, item));
        return running.stop_token().stop_requested();
    }
};

/// Names are reused after this many frames.
constexpr std::uint64_t same_name_after = std::uint64_t{1} << 31;

} // namespace

BOOST_FIXTURE_TEST_SUITE(running_item, items)

BOOST_AUTO_TEST_CASE(an_item_that_runs_hears_that_it_is_to_stop) {
    running.begin(channel::item_id(3, 1));
    const auto token = running.stop_token();
    BOOST_TEST(!token.stop_requested());
    running.request_stop(channel::item_id(3, 1));
    BOOST_TEST(token.stop_requested());
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_to_stop_stops_each_of_its_items) {
    running.request_stop(channel::frame_id(3));
    BOOST_TEST(begins_stopped(3, 0));
    BOOST_TEST(begins_stopped(3, 1));
    BOOST_TEST(!begins_stopped(4, 0));
}

BOOST_AUTO_TEST_CASE(the_first_item_of_a_frame_stops_alone) {
    running.request_stop(channel::item_id(3, 0));
    BOOST_TEST(begins_stopped(3, 0));
    BOOST_TEST(!begins_stopped(3, 1));
}

BOOST_AUTO_TEST_CASE(an_item_asks_for_a_token_before_any_has_been_asked_to_stop) {
    BOOST_TEST(!begins_stopped(0xffff'ffff, 0));
    BOOST_TEST(running.stop_token().stop_possible());
}

BOOST_AUTO_TEST_CASE(a_codec_that_runs_before_an_item_is_not_asked_to_stop) {
    begins_stopped(1, 0);
    running.end_frame(channel::frame_id(1));
    BOOST_TEST(!running.stop_token().stop_requested());
}

BOOST_AUTO_TEST_CASE(a_request_ends_with_its_frame) {
    begins_stopped(3, 5);
    running.request_stop(channel::item_id(3, 5));
    running.end_frame(channel::frame_id(3));
    BOOST_TEST(!begins_stopped(3 + same_name_after, 5));
}

BOOST_AUTO_TEST_CASE(a_token_ends_with_its_frame) {
    running.begin(channel::item_id(3, 5));
    const auto token = running.stop_token();
    running.end_frame(channel::frame_id(3));
    running.begin(channel::item_id(3 + same_name_after, 5));
    running.stop_token();
    running.request_stop(channel::item_id(3 + same_name_after, 5));
    BOOST_TEST(!token.stop_requested());
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_late_ends_with_the_next_frame) {
    running.end_frame(channel::frame_id(3));
    running.request_stop(channel::item_id(3, 5));
    running.end_frame(channel::frame_id(4));
    BOOST_TEST(!begins_stopped(3 + same_name_after, 5));
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_early_waits_for_its_frame) {
    running.request_stop(channel::frame_id(4));
    running.end_frame(channel::frame_id(3));
    BOOST_TEST(begins_stopped(4, 0));
}

BOOST_AUTO_TEST_CASE(requests_are_kept_across_the_end_of_the_numbers_of_frames) {
    running.request_stop(channel::frame_id(same_name_after));
    running.end_frame(channel::frame_id(same_name_after - 1));
    BOOST_TEST(begins_stopped(same_name_after, 0));
    running.end_frame(channel::frame_id(same_name_after));
    BOOST_TEST(!begins_stopped(0, 0));
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/call/range_submission.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>

using procpool::detail::chunk_plan;

namespace {

constexpr std::size_t first = 1;

std::uint32_t chunk_of(std::size_t length, std::size_t workers) {
    return chunk_plan({}, length, workers).size(first);
}

} // namespace

BOOST_AUTO_TEST_SUITE(chunk_planning)

BOOST_AUTO_TEST_CASE(every_worker_gets_four_chunks_of_a_known_length) {
    BOOST_TEST(chunk_of(1600, 4) == 100U);
    BOOST_TEST(chunk_of(1601, 4) == 101U); // a remainder makes chunks larger, not a seventeenth chunk
    BOOST_TEST(chunk_of(1599, 4) == 100U);
    BOOST_TEST(chunk_of(1'000'000, 3) == 83'334U);
}

BOOST_AUTO_TEST_CASE(few_items_go_one_by_one) {
    for (const std::size_t length : std::initializer_list<std::size_t>{0, 1, 2, 16})
        BOOST_TEST(chunk_of(length, 4) == 1U);
    BOOST_TEST(chunk_of(17, 4) == 2U);
}

BOOST_AUTO_TEST_CASE(a_size_that_the_user_sets_is_taken) {
    const chunk_plan plan(7, 1'000'000, 4);
    BOOST_TEST(plan.size(first) == 7U);
    BOOST_TEST(plan.size(first, chunk_plan::max_bytes) == 7U);
    BOOST_TEST(!plan.is_full(6, 10 * chunk_plan::max_bytes, first));
    BOOST_TEST(plan.is_full(7, 0, first));
    BOOST_CHECK_THROW(chunk_plan(0, {}, 1), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(of_an_unknown_length_chunks_double_when_every_worker_could_have_four) {
    const chunk_plan plan({}, {}, 2);
    BOOST_TEST(plan.size(1) == 1U);
    BOOST_TEST(plan.size(8) == 1U);
    BOOST_TEST(plan.size(9) == 2U);
    BOOST_TEST(plan.size(16) == 2U);
    BOOST_TEST(plan.size(17) == 4U);
    BOOST_TEST(plan.size(std::numeric_limits<std::size_t>::max()) == 65'536U);
}

BOOST_AUTO_TEST_CASE(a_chunk_of_large_items_is_full_sooner) {
    const chunk_plan plan({}, 1'000'000, 1);
    BOOST_TEST(!plan.is_full(10, chunk_plan::max_bytes - 1, first));
    BOOST_TEST(plan.is_full(10, chunk_plan::max_bytes, first));
    BOOST_TEST(plan.size(first, chunk_plan::max_bytes / 16) == 17U);
    BOOST_TEST(plan.size(first, 1) == 250'000U);
}

BOOST_AUTO_TEST_CASE(the_largest_numbers_are_cut_to_what_a_frame_can_count) {
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    BOOST_TEST(chunk_plan(most, {}, 65536).size(first) == chunk_plan::max_items);
    BOOST_TEST(chunk_of(most, 1) == chunk_plan::max_items);
}

BOOST_AUTO_TEST_SUITE_END()

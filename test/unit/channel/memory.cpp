// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/memory.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>

using procpool::channel::bytes_to_reserve;

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

} // namespace

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(without_a_limit_all_that_is_wanted_is_reserved) {
    BOOST_TEST(bytes_to_reserve(16 * gib, std::numeric_limits<std::uint64_t>::max(), 16) == 16 * gib);
}

BOOST_AUTO_TEST_CASE(no_more_than_a_part_is_reserved) {
    BOOST_TEST(bytes_to_reserve(16 * gib, 64 * gib, 16) == 4 * gib);
    BOOST_TEST(bytes_to_reserve(64 * gib, 64 * gib, 4) == 16 * gib);
    BOOST_TEST(bytes_to_reserve(16 * gib, 512 * gib, 16) == 16 * gib);
}

BOOST_AUTO_TEST_CASE(a_part_consists_of_whole_pages) {
    BOOST_TEST(bytes_to_reserve(16 * gib, 48 * gib + 12'345, 16) == 3 * gib);
}

BOOST_AUTO_TEST_CASE(a_part_of_little_is_not_too_little) {
    BOOST_TEST(bytes_to_reserve(16 * gib, 2 * gib, 16) == gib);
    BOOST_TEST(bytes_to_reserve(gib / 2, 2 * gib, 16) == gib / 2);
}

BOOST_AUTO_TEST_SUITE_END()

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/affinity.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>

using procpool::os::cpus_of;

namespace {

constexpr std::uint64_t whole_group = std::numeric_limits<std::uint64_t>::max();

} // namespace

BOOST_AUTO_TEST_SUITE(windows_affinity)

BOOST_AUTO_TEST_CASE(the_cpus_of_the_mask_are_counted) {
    BOOST_TEST(cpus_of({.own = 0b1011, .group = 0b1111, .all_cpus = 4, .spans_groups = true}) == 3U);
    BOOST_TEST(cpus_of({.own = 0b1111, .group = 0b1111, .all_cpus = 4, .spans_groups = true}) == 4U);
}

BOOST_AUTO_TEST_CASE(a_process_that_has_not_been_limited_uses_all_groups_if_the_system_lets_it) {
    BOOST_TEST(cpus_of({.own = whole_group, .group = whole_group, .all_cpus = 96, .spans_groups = true}) ==
               96U);
    BOOST_TEST(cpus_of({.own = whole_group, .group = whole_group, .all_cpus = 96, .spans_groups = false}) ==
               64U);
}

BOOST_AUTO_TEST_CASE(a_process_that_has_been_limited_is_in_one_group) {
    BOOST_TEST(cpus_of({.own = 0b11, .group = whole_group, .all_cpus = 96, .spans_groups = true}) == 2U);
}

BOOST_AUTO_TEST_CASE(without_a_mask_it_is_in_several_groups) {
    BOOST_TEST(cpus_of({.own = 0, .group = 0, .all_cpus = 96, .spans_groups = false}) == 96U);
}

BOOST_AUTO_TEST_SUITE_END()

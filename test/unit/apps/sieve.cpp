// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/sieve.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(apps_sieve)

BOOST_AUTO_TEST_CASE(small_limits_are_right) {
    BOOST_TEST(apps::sieve(0) == (apps::primes{0, 0}));
    BOOST_TEST(apps::sieve(1) == (apps::primes{0, 0}));
    BOOST_TEST(apps::sieve(2) == (apps::primes{1, 2}));
    BOOST_TEST(apps::sieve(10) == (apps::primes{4, 2 + 3 + 5 + 7}));
    BOOST_TEST(apps::sieve(11) == (apps::primes{5, 2 + 3 + 5 + 7 + 11}));
}

BOOST_AUTO_TEST_CASE(there_are_78498_primes_below_a_million) {
    BOOST_TEST(apps::sieve(1'000'000) == (apps::primes{78'498, 37'550'402'023}));
}

BOOST_AUTO_TEST_CASE(primes_before_the_first_are_left_out) {
    BOOST_TEST(apps::sieve_range(11, 5) == (apps::primes{3, 5 + 7 + 11}));
    BOOST_TEST(apps::sieve_range(11, 12) == (apps::primes{0, 0}));
}

BOOST_AUTO_TEST_CASE(limits_lie_within_a_tenth_and_follow_from_the_seed) {
    const auto limits = apps::draw_limits(1000, 100, 7);
    BOOST_TEST(limits.size() == 100u);
    for (const std::uint32_t limit : limits) {
        BOOST_TEST(limit >= 900u);
        BOOST_TEST(limit < 1100u);
    }
    BOOST_TEST(limits == apps::draw_limits(1000, 100, 7), boost::test_tools::per_element());
    BOOST_TEST((limits != apps::draw_limits(1000, 100, 8)));
}

BOOST_AUTO_TEST_CASE(no_limit_is_below_the_first_prime) {
    for (const std::uint32_t limit : apps::draw_limits(0.5, 10, 1))
        BOOST_TEST(limit == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

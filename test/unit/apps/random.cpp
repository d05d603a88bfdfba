// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/random.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(apps_random)

// The C++ standard specifies the 10000th number of a default-seeded mt19937_64.
BOOST_AUTO_TEST_CASE(the_numbers_follow_from_the_seed_on_every_platform) {
    apps::uniform_draw draw(std::mt19937_64::default_seed);
    for (int skipped = 0; skipped < 9999; ++skipped)
        draw(0, 1);
    BOOST_TEST(draw(0, 1) == static_cast<double>(9981545732273789042u >> 11) * 0x1.0p-53);
}

BOOST_AUTO_TEST_CASE(the_numbers_stay_in_their_interval) {
    apps::uniform_draw draw(1);
    for (int count = 0; count < 10000; ++count) {
        const double number = draw(1, 3);
        BOOST_REQUIRE(number >= 1);
        BOOST_REQUIRE(number < 3);
    }
}

BOOST_AUTO_TEST_CASE(an_empty_interval_gives_its_end) {
    apps::uniform_draw draw(1);
    BOOST_TEST(draw(2, 2) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

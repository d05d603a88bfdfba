// Distributed under the Boost Software License, Version 1.0. See LICENSE.
// The main function of tests that have none; they have init_unit_test, which BOOST_TEST_MODULE defines.
#define BOOST_TEST_ALTERNATIVE_INIT_API
#define BOOST_TEST_NO_MAIN
#include <boost/test/unit_test.hpp>

bool init_unit_test();

int main(int argc, char** argv) {
    return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}

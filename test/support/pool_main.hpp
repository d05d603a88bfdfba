// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_POOL_MAIN_HPP
#define PROCPOOL_TEST_POOL_MAIN_HPP

#include "support/integration_main.hpp"

#include <procpool/init.hpp>

// The main function of a test program whose tests make pools. A worker does not return from init(); other
// processes behave like any test program that starts itself again.
namespace procpool::test {

template <class Play>
int pool_main(int argc, char** argv, Play play) {
    procpool::init();
    return integration_main(argc, argv, play);
}

inline int pool_main(int argc, char** argv) {
    procpool::init();
    return integration_main(argc, argv);
}

} // namespace procpool::test

#endif

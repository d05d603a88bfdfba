// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bomb_guard.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <cstdlib>

// A program with an initializer that clears the environment before any initializer of the library has run, as
// hardened programs do.
using namespace procpool::test;

namespace {

[[gnu::constructor(101)]] void empty_environment() {
    const int generation = own_generation();
    ::clearenv();
    ::setenv(generation_variable, std::to_string(generation + 1).c_str(), 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(empty_environment)

BOOST_AUTO_TEST_CASE(a_worker_knows_that_it_is_one) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply([](int n) { return n + 1; }, 1) == 2);
    BOOST_TEST(pool.apply([] { return own_generation(); }) == 1);
}

BOOST_AUTO_TEST_CASE(a_pool_in_a_task_works) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply([] {
        procpool::pool inner(1);
        return inner.apply([] { return own_generation(); });
    }) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    const bomb_guard guard;
    return integration_main(argc, argv);
}

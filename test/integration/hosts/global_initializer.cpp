// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bomb_guard.hpp"
#include "support/nothing_left_behind.hpp"

#include <procpool/procpool.hpp>

#include <numeric>
#include <vector>

// A program whose main() belongs to a test framework: procpool::init() is called by a global initializer,
// before the library's own initializers have run.
using namespace procpool::test;

namespace {

const int generation = own_generation();
const bool is_initialized = (procpool::init(), true);

int add_one(int n) {
    return n + 1;
}

std::vector<int> first_numbers() {
    std::vector<int> out(100);
    std::iota(out.begin(), out.end(), 0);
    return out;
}

/// A pool may also be a global object.
procpool::pool global_pool(1);

} // namespace

BOOST_FIXTURE_TEST_SUITE(global_initializer, nothing_left_behind)

BOOST_AUTO_TEST_CASE(pools_work) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
    const auto sums = pool.map([](int n) { return n + own_generation(); }, first_numbers());
    BOOST_TEST(std::accumulate(sums.begin(), sums.end(), 0) ==
               4950 + 100); // each in a process of its own start
}

BOOST_AUTO_TEST_CASE(workers_are_replaced) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_pool_that_is_made_by_a_global_initializer_works) {
    BOOST_TEST(global_pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    const bomb_guard guard;
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}

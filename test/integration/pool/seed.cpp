// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

std::uint64_t seed() {
    return procpool::this_task::seed();
}
std::uint64_t seed_of_item(int) {
    return procpool::this_task::seed();
}
std::uint64_t generation() {
    return procpool::this_worker::generation();
}

/// Kills its worker in the first process of the worker.
std::uint64_t seed_at_second_try() {
    if (procpool::this_worker::generation() == 0)
        procpool::test::kill_itself();
    return procpool::this_task::seed();
}
void die() {
    procpool::test::kill_itself();
}

std::vector<std::uint64_t> seeds_of_items(procpool::pool_options options, procpool::map_options how) {
    procpool::pool pool(std::move(options));
    return pool.map(procpool::fn<seed_of_item>, std::vector<int>(200), how);
}

} // namespace

BOOST_AUTO_TEST_SUITE(seeds)

BOOST_AUTO_TEST_CASE(an_item_has_the_same_seed_whichever_worker_runs_it_and_in_which_chunk) {
    const auto one = seeds_of_items({.processes = 1, .seed = 7}, {});
    BOOST_TEST(std::set(one.begin(), one.end()).size() == one.size());
    BOOST_TEST((seeds_of_items({.processes = 3, .seed = 7}, {.chunk_size = 1}) == one));
    BOOST_TEST((seeds_of_items({.processes = 2, .seed = 7}, {.chunk_size = 64}) == one));
    BOOST_TEST((seeds_of_items({.processes = 1, .seed = 8}, {}) != one));
}

BOOST_AUTO_TEST_CASE(an_item_of_a_stream_has_the_seed_of_its_index) {
    const auto of_map = seeds_of_items({.processes = 1, .seed = 7}, {});
    procpool::pool pool({.processes = 2, .seed = 7});
    std::vector<std::uint64_t> of_stream;
    for (const auto each : pool.imap(procpool::fn<seed_of_item>, std::vector<int>(200)))
        of_stream.push_back(each);
    BOOST_TEST((of_stream == of_map));
}

BOOST_AUTO_TEST_CASE(a_single_call_has_the_seed_of_its_number) {
    std::vector<std::uint64_t> first, second;
    for (auto* const seeds : {&first, &second}) {
        procpool::pool pool({.processes = 2, .seed = 7});
        for (int i = 0; i != 20; ++i)
            seeds->push_back(pool.apply(procpool::fn<seed>));
    }
    BOOST_TEST((first == second));
    BOOST_TEST(std::set(first.begin(), first.end()).size() == first.size());
}

BOOST_AUTO_TEST_CASE(a_call_that_is_run_again_has_the_same_seed) {
    procpool::pool calm({.processes = 1, .seed = 7});
    procpool::pool pool({.processes = 1, .seed = 7});
    BOOST_TEST(pool.apply({.retries = 1}, procpool::fn<seed_at_second_try>) ==
               calm.apply(procpool::fn<seed>));
}

BOOST_AUTO_TEST_CASE(a_replacement_is_of_the_next_generation) {
    procpool::pool pool({.processes = 1});
    for (std::uint64_t expected = 0; expected != 3; ++expected) {
        BOOST_TEST(pool.apply(procpool::fn<generation>) == expected);
        BOOST_CHECK_THROW(pool.apply(procpool::fn<die>), procpool::worker_lost);
    }
}

BOOST_AUTO_TEST_CASE(outside_of_tasks_and_workers_there_is_neither) {
    BOOST_CHECK_THROW(procpool::this_task::seed(), std::logic_error);
    BOOST_CHECK_THROW(procpool::this_worker::generation(), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

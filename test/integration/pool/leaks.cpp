// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

// Pools and workers that come and go leave descriptors, threads and mappings as they were.
namespace {

using procpool::test::belongings;
using procpool::test::mapping_count;

/// What the allocator and the C library may keep for later: arenas and stacks of threads that ended.
constexpr std::size_t kept_mappings = 12;

void use(procpool::pool& pool) {
    BOOST_TEST(pool.map([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); },
                        std::vector{1, 20'000, 3'000'000})
                   .back()
                   .size() == 3'000'000U);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(leaks, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(thirty_pools_leave_nothing) {
    const auto before = belongings::now();
    std::size_t mappings = 0;
    for (int round = 0; round != 30; ++round) {
        {
            procpool::pool pool(2);
            use(pool);
            if (round % 3 == 1) {
                pool.close();
                pool.join();
            }
        }
        BOOST_TEST(procpool::test::eventually([&] { return belongings::now() == before; }));
        if (round == 4)
            mappings = mapping_count();
    }
    BOOST_TEST(mapping_count() <= mappings + kept_mappings);
}

BOOST_AUTO_TEST_CASE(two_hundred_replaced_workers_leave_nothing) {
    procpool::pool pool(2);
    use(pool);
    const auto settled = [&] {
        return pool.workers()[0].pid != 0 && pool.workers()[1].pid != 0;
    };
    const auto descriptors = belongings::now().descriptors.size();
    const auto before = belongings::now();
    std::size_t mappings = 0;
    for (int round = 0; round != 200; ++round) {
        BOOST_CHECK_THROW(pool.apply([] { std::raise(SIGKILL); }), procpool::worker_lost);
        if (round == 20)
            mappings = mapping_count();
    }
    use(pool);
    BOOST_TEST(procpool::test::eventually(settled));
    BOOST_TEST(procpool::test::eventually([&] {
        const auto now = belongings::now();
        return now.descriptors.size() == descriptors && now.threads == before.threads &&
               now.shared_mappings == before.shared_mappings && now.children.size() == before.children.size();
    }));
    BOOST_TEST(mapping_count() <= mappings + kept_mappings);
}

BOOST_AUTO_TEST_CASE(big_arguments_and_results_are_given_back) {
    procpool::pool pool(2);
    const std::string much(10'000'000, 'm');
    // Many times more in all than what is kept for the next.
    for (int round = 0; round != 100; ++round)
        BOOST_TEST(pool.apply([](const std::string& s) { return s; }, much).size() == much.size());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}

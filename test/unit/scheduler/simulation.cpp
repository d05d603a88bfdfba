// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

using procpool::test::seeded_random;
using procpool::test::simulation;
using procpool::test::simulation_plan;

namespace {

constexpr int rounds = 150;

simulation_plan any_plan(seeded_random& random) {
    constexpr std::array<std::uint64_t, 6> times{1, 100, 2000, 30'000, 500'000, 20'000'000};
    simulation_plan plan;
    plan.workers = random.between(1, 6);
    plan.shortest_ns = times[random.below(times.size())];
    plan.longest_ns = std::max(plan.shortest_ns, times[random.below(times.size())]);
    plan.room_for_frames = random.once_in(2) ? 1000 : random.between(1, 10);
    return plan;
}

/// Submits calls while others run.
void submit_some(simulation& pool, seeded_random& random, std::size_t calls) {
    for (std::size_t call = 0; call != calls; ++call) {
        const auto items = random.once_in(3) ? random.between(1, 60) : 1;
        pool.submit({call, 0, static_cast<std::uint32_t>(items)});
        for (auto steps = random.once_in(3) ? random.below(10) : 0; steps != 0; --steps)
            pool.step();
        if (random.once_in(4))
            pool.fall_asleep();
    }
}

void run_to_the_end(simulation& pool) {
    while (!pool.ended()) {
        pool.fall_asleep();
        BOOST_TEST_REQUIRE((pool.ended() || pool.step()));
    }
    BOOST_TEST(!pool.step());
    BOOST_TEST(pool.outcomes().size() == pool.expected_items());
}

std::size_t count(const simulation& pool, simulation::outcome how) {
    return static_cast<std::size_t>(std::count_if(pool.outcomes().begin(), pool.outcomes().end(),
                                                  [&](const auto& each) { return each.second == how; }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(simulations)

BOOST_AUTO_TEST_CASE(every_item_is_done_once) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        simulation pool(any_plan(random), random);
        submit_some(pool, random, 100);
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(count(pool, simulation::outcome::finished) == pool.expected_items());
        BOOST_TEST_REQUIRE(pool.begun().size() == pool.expected_items());
    }
}

BOOST_AUTO_TEST_CASE(every_item_is_done_or_lost_once_whoever_dies) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    std::size_t lost = 0;
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.death_once_in = random.between(3, 100);
        plan.failed_start_once_in = random.between(10, 100);
        simulation pool(plan, random);
        submit_some(pool, random, 100);
        pool.close();
        run_to_the_end(pool);
        lost += count(pool, simulation::outcome::lost);
        BOOST_TEST_REQUIRE(pool.begun().size() == count(pool, simulation::outcome::finished) +
                                                      count(pool, simulation::outcome::lost));
    }
    BOOST_TEST(lost > 0u);
}

BOOST_AUTO_TEST_CASE(one_worker_begins_items_in_the_order_of_submission) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.workers = 1;
        plan.death_once_in = random.between(5, 100);
        if (random.once_in(2))
            plan.items_per_process = random.between(1, 20);
        simulation pool(plan, random);
        submit_some(pool, random, 100);
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(std::is_sorted(pool.begun().begin(), pool.begun().end()));
    }
}

BOOST_AUTO_TEST_CASE(processes_that_are_replaced_lose_nothing) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.items_per_process = random.between(1, 20);
        simulation pool(plan, random);
        submit_some(pool, random, 100);
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(count(pool, simulation::outcome::finished) == pool.expected_items());
    }
}

BOOST_AUTO_TEST_CASE(work_that_nobody_can_run_is_given_up) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.failed_start_once_in = 1;
        if (random.once_in(2))
            plan.items_per_process = random.between(1, 20);
        simulation pool(plan, random);
        submit_some(pool, random, 20);
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(count(pool, simulation::outcome::given_up) == pool.expected_items());
    }
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_is_settled_once_and_the_rest_is_done) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    std::size_t cancelled = 0;
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.death_once_in = random.once_in(2) ? random.between(5, 100) : 0;
        simulation pool(plan, random);
        for (std::size_t call = 0; call != 100; ++call) {
            pool.submit({call, 0, static_cast<std::uint32_t>(random.between(1, 30))});
            if (random.once_in(3))
                pool.step();
            if (random.once_in(3))
                pool.cancel(random.below(call + 1));
        }
        pool.close();
        run_to_the_end(pool);
        cancelled += count(pool, simulation::outcome::cancelled);
    }
    BOOST_TEST(cancelled > 0u);
}

BOOST_AUTO_TEST_CASE(terminate_settles_everything_at_once) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.death_once_in = random.once_in(2) ? random.between(5, 100) : 0;
        simulation pool(plan, random);
        submit_some(pool, random, 50);
        pool.terminate();
        BOOST_TEST_REQUIRE(pool.ended());
        BOOST_TEST_REQUIRE(pool.outcomes().size() == pool.expected_items());
        BOOST_TEST_REQUIRE(!pool.step());
    }
}

BOOST_AUTO_TEST_SUITE_END()

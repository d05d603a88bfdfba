// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

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
    if (random.once_in(3))
        plan.minimum = random.below(plan.workers + 1);
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
        if (random.once_in(8))
            pool.end_some_idle();
    }
}

/// Likewise, with priorities; some calls are pinned if `pins`.
void submit_some_of_any_priority(simulation& pool, seeded_random& random, std::size_t first_call,
                                 std::size_t calls, std::size_t workers, bool pins) {
    for (auto call = first_call; call != first_call + calls; ++call) {
        procpool::scheduling::work what{call, 0, 1};
        if (random.once_in(3))
            what.items = static_cast<std::uint32_t>(random.between(1, 60));
        what.priority = random.once_in(2) ? 0 : static_cast<int>(random.between(0, 6)) - 3;
        if (pins && random.once_in(3)) {
            what.items = 1;
            what.worker = static_cast<std::uint32_t>(random.below(workers));
        }
        pool.submit(what);
        for (auto steps = random.once_in(3) ? random.below(20) : 0; steps != 0; --steps)
            pool.step();
        if (random.once_in(4))
            pool.fall_asleep();
    }
}

void run_to_the_end(simulation& pool) {
    while (!pool.ended()) {
        pool.fall_asleep();
        pool.end_some_idle();
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
        submit_some(pool, random, 50);
        for (std::size_t call = 50; call != 100; ++call) // some are pinned to it
            pool.submit({call, 0, 1, random.once_in(2) ? 0 : procpool::scheduling::any_worker});
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(std::is_sorted(pool.begun().begin(), pool.begun().end()));
    }
}

BOOST_AUTO_TEST_CASE(no_item_starts_while_one_of_a_higher_priority_waits) { // the simulation checks this
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != 4 * rounds; ++round) {
        auto plan = any_plan(random);
        plan.death_once_in = random.once_in(2) ? random.between(5, 100) : 0;
        if (random.once_in(3))
            plan.items_per_process = random.between(1, 20);
        simulation pool(plan, random);
        const bool pins = random.once_in(2);
        for (std::size_t turn = 0; turn != 3; ++turn) {
            submit_some_of_any_priority(pool, random, 50 * turn, 50, plan.workers, pins);
            while (random.once_in(2) && pool.step()) {
            }
        }
        pool.close();
        run_to_the_end(pool);
        BOOST_TEST_REQUIRE(pool.begun().size() == count(pool, simulation::outcome::finished) +
                                                      count(pool, simulation::outcome::lost));
    }
}

BOOST_AUTO_TEST_CASE(one_worker_begins_equals_in_the_order_of_submission) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != rounds; ++round) {
        auto plan = any_plan(random);
        plan.workers = 1;
        plan.death_once_in = random.between(5, 100);
        simulation pool(plan, random);
        std::map<int, std::vector<simulation::item>> begun; // by priority
        submit_some_of_any_priority(pool, random, 0, 100, 1, true);
        pool.close();
        run_to_the_end(pool);
        for (const auto& each : pool.begun())
            begun[pool.priority_of(each.first)].push_back(each);
        for (const auto& [priority, each] : begun)
            BOOST_TEST_REQUIRE(std::is_sorted(each.begin(), each.end()));
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

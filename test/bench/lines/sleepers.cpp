// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/partner.hpp"
#include "bench/support/timing.hpp"
#include "bench/support/woken_pair.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

// Line 3: one call at a time, with a millisecond of silence before each, after which everybody sleeps.
namespace bench {
namespace {

int add(int a, int b) {
    return a + b;
}

void silence() {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::vector<row> measure(const settings& chosen) {
    const auto calls = chosen.pick<std::size_t>(1'000, 50);
    woken_pair pair;
    partner other([&] { pair.answer(calls); });
    procpool::pool pool(1);

    samples ours;
    samples by_hand;
    alternate(
        chosen.rounds,
        {[&] {
             ours.push_back(median(times_of_each(
                 calls, [&] { require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2"); }, silence)));
         },
         [&] {
             other.start();
             by_hand.push_back(median(times_of_each(
                 calls, [&] { require_equal(pair.call(1, 2), 3, "1 + 2"); }, silence)));
             other.finish();
         }});
    return {{.work = "apply after 1 ms of silence, p50",
             .other = "eventfd and futex by hand",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = by_hand,
             .goal = at_most(1.3)}};
}

const registered_line here({3, "sleepers", "one call at a time, everybody asleep", measure});

} // namespace
} // namespace bench

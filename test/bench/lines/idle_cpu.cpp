// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/process_use.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include <unistd.h>

// Line 10: how much CPU time does a pool take while it is not used?
namespace bench {
namespace {

double cpu_seconds_of_all(const procpool::pool& pool) {
    double sum = cpu_seconds(::getpid());
    for (const auto& worker : pool.workers())
        sum += cpu_seconds(worker.pid.value());
    return sum;
}

std::vector<row> measure(const settings& chosen) {
    procpool::pool pool(4);
    const std::vector<int> items(1000, 1);
    require_equal(pool.map([](int n) { return n; }, items) == items, true, "the result of the map");
    samples used;
    for (unsigned round = 0; round != chosen.rounds; ++round) {
        const double before = cpu_seconds_of_all(pool);
        std::this_thread::sleep_for(std::chrono::milliseconds(chosen.pick(5000, 500)));
        used.push_back(cpu_seconds_of_all(pool) - before);
    }
    return {{.work = "CPU time of an idle pool(4) in 5 s, parent and workers",
             .unit = unit::seconds,
             .ours = used,
             .goal = at_most(5e-3)}};
}

const registered_line here({10, "idle_cpu", "a pool that has nothing to do", measure});

} // namespace
} // namespace bench

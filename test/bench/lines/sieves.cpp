// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include "common/sieve.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

// Line 7: a hundred jobs that compute. How much more do processes cost than threads?
namespace bench {
namespace {

/// The same with threads: each takes the next job when it has finished one.
std::vector<apps::primes> on_threads(const std::vector<std::uint32_t>& limits, std::size_t count) {
    std::vector<apps::primes> found(limits.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i != count; ++i)
        threads.emplace_back([&] {
            for (std::size_t job = next++; job < limits.size(); job = next++)
                found[job] = apps::sieve(limits[job]);
        });
    for (std::thread& each : threads)
        each.join();
    return found;
}

std::vector<row> measure(const settings& chosen) {
    constexpr std::size_t jobs = 100;
    const auto workers = procpool::default_processes();
    const auto limits = apps::draw_limits(chosen.pick<double>(3e6, 3e4), jobs, 1);
    const auto expected = on_threads(limits, workers);

    procpool::pool pool(workers);
    samples ours;
    samples threaded;
    std::vector<apps::primes> found;
    alternate(chosen.rounds,
              {[&] {
                   ours.push_back(seconds_of([&] { found = pool.map(procpool::fn<apps::sieve>, limits); }));
                   require_equal(found == expected, true, "that all primes were found");
               },
               [&] {
                   threaded.push_back(seconds_of([&] { found = on_threads(limits, workers); }));
                   require_equal(found == expected, true, "that all primes were found");
               }});
    return {{.work = std::to_string(jobs) + " sieves, " + std::to_string(workers) + " workers",
             .other = "as many std::threads",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = threaded,
             .goal = at_most(1.03)}};
}

const registered_line here({7, "sieves", "jobs that compute", measure});

} // namespace
} // namespace bench

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

// Line 12: more workers, also more than CPUs, and more threads that submit. How much do they slow each other
// down?
namespace bench {
namespace {

int add(int a, int b) {
    return a + b;
}

void run_calls(procpool::pool& pool, std::size_t calls) {
    std::vector<procpool::async_result<int>> results;
    results.reserve(calls);
    std::int64_t total = 0;
    for (int i = 0; i != static_cast<int>(calls); ++i)
        results.push_back(pool.apply_async(procpool::fn<add>, i, i));
    for (const auto& result : results)
        total += result.get();
    const auto count = static_cast<std::int64_t>(calls);
    require_equal(total, count * (count - 1), "the sum of all results");
}

double rate_by_threads(procpool::pool& pool, std::size_t calls, std::size_t count) {
    std::vector<std::thread> threads;
    const double seconds = seconds_of([&] {
        for (std::size_t i = 0; i != count; ++i)
            threads.emplace_back([&] { run_calls(pool, calls / count); });
        for (std::thread& each : threads)
            each.join();
    });
    return static_cast<double>(calls) / seconds;
}

struct figures {
    samples rate;
    samples round_trip;
};

figures& operator+=(figures& sum, const figures& more) {
    sum.rate.insert(sum.rate.end(), more.rate.begin(), more.rate.end());
    sum.round_trip.insert(sum.round_trip.end(), more.round_trip.begin(), more.round_trip.end());
    return sum;
}

figures figures_of(std::size_t workers, std::size_t calls) {
    procpool::pool pool(workers);
    run_calls(pool, calls / 10);
    figures out;
    out.rate.push_back(static_cast<double>(calls) / seconds_of([&] { run_calls(pool, calls); }));
    out.round_trip.push_back(median(
        times_of_each(calls / 50, [&] { require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2"); })));
    return out;
}

/// Up to the number of CPUs, a figure is only reported; with eight times as many workers, it may be half as
/// good.
aim goal_for(std::size_t workers, std::size_t cpus, const aim& beyond) {
    return workers > cpus && workers <= 8 * cpus ? beyond : report_only();
}

std::vector<row> measure(const settings& chosen) {
    const auto calls = chosen.pick<std::size_t>(200'000, 2'000);
    const auto cpus = procpool::default_processes();
    std::map<std::size_t, figures> by_workers{{cpus, {}}};
    std::map<std::size_t, samples> by_threads;
    std::vector<std::function<void()>> sides;
    for (const std::size_t workers : {1U, 2U, 4U, 8U, 16U, 32U})
        by_workers[workers];
    for (auto& [workers, figures] : by_workers)
        sides.push_back([&to = figures, count = workers, calls] { to += figures_of(count, calls); });
    procpool::pool pool(cpus);
    for (const std::size_t threads : {1U, 2U, 4U, 8U, 16U})
        by_threads[threads];
    for (auto& [threads, rates] : by_threads)
        sides.push_back([&to = rates, &pool, count = threads, calls] {
            to.push_back(rate_by_threads(pool, calls, count));
        });
    alternate(chosen.rounds, sides);

    std::vector<row> rows;
    const figures& at_cpus = by_workers[cpus];
    const std::string as_many = std::to_string(cpus) + " workers, as many as CPUs";
    for (const auto& [workers, figures] : by_workers) {
        const std::string who = std::to_string(workers) + (workers == 1 ? " worker" : " workers");
        rows.push_back({.work = "apply_async, " + who,
                        .other = as_many,
                        .unit = unit::per_second,
                        .ours = figures.rate,
                        .theirs = at_cpus.rate,
                        .goal = goal_for(workers, cpus, at_least(0.5))});
        rows.push_back({.work = "apply, p50, " + who,
                        .other = as_many,
                        .unit = unit::seconds,
                        .ours = figures.round_trip,
                        .theirs = at_cpus.round_trip,
                        .goal = goal_for(workers, cpus, at_most(2))});
    }
    for (const auto& [threads, rates] : by_threads)
        rows.push_back({.work = "apply_async from " + std::to_string(threads) + " threads",
                        .other = "from 1 thread",
                        .unit = unit::per_second,
                        .ours = rates,
                        .theirs = by_threads[1],
                        .goal = report_only()});
    return rows;
}

const registered_line here({12, "many_workers", "more workers and threads than CPUs", measure});

} // namespace
} // namespace bench

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/schedules.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Line 8: a thousand short tasks and a long one at any place among them. Is any worker idle without need?
namespace bench {
namespace {

/// Uses a CPU for this long; a sleep would be as inexact as the system's timers. Returns the actual duration.
double compute(double seconds) {
    const stopwatch time;
    while (time.seconds() < seconds) {
    }
    return time.seconds();
}

struct measured {
    samples took;
    samples longest_first;
    samples in_order;
};

void run(procpool::pool& pool, const std::vector<double>& lengths, measured& out) {
    std::vector<double> took;
    out.took.push_back(seconds_of([&] { took = pool.map(procpool::fn<compute>, lengths); }));
    require_equal(took.size(), lengths.size(), "the number of results");
    out.longest_first.push_back(longest_first_bound(took, pool.size()));
    out.in_order.push_back(time_in_order(took, pool.size()));
}

std::vector<row> measure(const settings& chosen) {
    const auto count = chosen.pick<std::size_t>(1000, 50);
    const auto workers = procpool::default_processes();
    const double unit_seconds = 1e-3;
    const std::pair<const char*, std::size_t> places[] = {
        {"first", 0}, {"in the middle", count / 2}, {"last", count}};

    procpool::pool pool(workers);
    std::vector<measured> all(std::size(places));
    std::vector<std::function<void()>> sides;
    for (std::size_t i = 0; i != std::size(places); ++i)
        sides.push_back([&, i] {
            std::vector<double> lengths(count, unit_seconds);
            lengths.insert(lengths.begin() + static_cast<std::ptrdiff_t>(places[i].second),
                           unit_seconds * static_cast<double>(count));
            run(pool, lengths, all[i]);
        });
    alternate(chosen.rounds, sides);

    std::vector<row> rows;
    for (std::size_t i = 0; i != std::size(places); ++i) {
        const std::string work = std::to_string(count) + " tasks of 1 ms and one of 1 s, " + places[i].first;
        rows.push_back({.work = work,
                        .other = "the longest-first bound",
                        .unit = unit::seconds,
                        .ours = all[i].took,
                        .theirs = all[i].longest_first,
                        .goal = at_most(1.02)});
        rows.push_back({.work = work,
                        .other = "begun in this order, at no cost",
                        .unit = unit::seconds,
                        .ours = all[i].took,
                        .theirs = all[i].in_order,
                        .goal = report_only()});
    }
    return rows;
}

const registered_line here({8, "uneven_tasks", "many short tasks and a long one", measure});

} // namespace
} // namespace bench

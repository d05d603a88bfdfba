// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <numeric>
#include <vector>

// Line 15: a call while the pool has a map of a million items. Does the call wait for all of them?
namespace bench {
namespace {

int add(int a, int b) {
    return a + b;
}

/// Takes about a microsecond.
int busy(int n) {
    unsigned value = static_cast<unsigned>(n);
    for (int i = 0; i != 400; ++i)
        value = value * 1664525U + 1013904223U;
    return static_cast<int>(value);
}

double call(procpool::pool& pool) {
    return seconds_of([&] { require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2"); });
}

std::vector<row> measure(const settings& chosen) {
    std::vector<int> items(chosen.pick<std::size_t>(1'000'000, 20'000));
    std::iota(items.begin(), items.end(), 0);
    procpool::pool pool(procpool::default_processes());
    percentiles beside;
    percentiles alone;
    samples whole;
    alternate(chosen.rounds, {[&] {
                                  samples times;
                                  const stopwatch time;
                                  const auto map = pool.map_async(procpool::fn<busy>, items);
                                  do
                                      times.push_back(call(pool));
                                  while (!map.ready());
                                  whole.push_back(time.seconds());
                                  require_equal(map.get().size(), items.size(), "the number of results");
                                  require_equal(map.get().back(), busy(items.back()), "the last result");
                                  beside.add(times);
                              },
                              [&] {
                                  alone.add(times_of_each(1000, [&] { call(pool); }));
                              }});
    const auto row_of = [](const char* work, const samples& of, const char* other, const samples& to) {
        return row{.work = work,
                   .other = other,
                   .unit = unit::seconds,
                   .ours = of,
                   .theirs = to,
                   .goal = report_only()};
    };
    return {row_of("apply beside a map of a million items, p50", beside.p50, "with nothing else to do",
                   alone.p50),
            row_of("apply beside a map of a million items, p99", beside.p99, "with nothing else to do",
                   alone.p99),
            row_of("apply beside a map of a million items, p99", beside.p99, "the map", whole)};
}

const registered_line here({15, "call_beside_map", "a call while a big map runs", measure});

} // namespace
} // namespace bench

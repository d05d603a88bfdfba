// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/python.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

// Line 4: a trivial function over many numbers. How many a second?
namespace bench {
namespace {

int next_number(int n) {
    return n + 1;
}

void check(const std::vector<int>& results, const std::vector<int>& numbers) {
    require_equal(results.size(), numbers.size(), "the number of results");
    for (std::size_t i = 0; i != results.size(); ++i)
        if (results[i] != numbers[i] + 1)
            require_equal(results[i], numbers[i] + 1, "the result of item " + std::to_string(i));
}

std::vector<row> measure(const settings& chosen) {
    const auto items = chosen.pick<std::size_t>(10'000'000, 100'000);
    const auto workers = procpool::default_processes();
    std::vector<int> numbers(items);
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto rate = [&](double seconds) {
        return static_cast<double>(items) / seconds;
    };

    procpool::pool pool(workers);
    check(pool.map(procpool::fn<next_number>, numbers), numbers);
    samples ours;
    samples python;
    samples transformed;
    alternate(chosen.rounds,
              {[&] {
                   std::vector<int> results;
                   ours.push_back(
                       rate(seconds_of([&] { results = pool.map(procpool::fn<next_number>, numbers); })));
                   check(results, numbers);
               },
               [&] {
                   std::vector<int> results;
                   transformed.push_back(rate(seconds_of([&] {
                       results.resize(items);
                       std::transform(numbers.begin(), numbers.end(), results.begin(), next_number);
                   })));
                   check(results, numbers);
               },
               [&] {
                   if (const auto seconds =
                           python_seconds("map " + std::to_string(items) + ' ' + std::to_string(workers)))
                       python.push_back(rate(*seconds));
               }});

    const std::string work = "map of " + std::to_string(items) + " ints";
    return {{.work = work,
             .other = "Python Pool.map",
             .unit = unit::per_second,
             .ours = ours,
             .theirs = python,
             .goal = at_least(20),
             .note = python.empty() ? no_python : ""},
            {.work = work,
             .other = "std::transform on one thread",
             .unit = unit::per_second,
             .ours = ours,
             .theirs = transformed,
             .goal = report_only()}};
}

const registered_line here({4, "map", "a trivial function over many numbers", measure});

} // namespace
} // namespace bench

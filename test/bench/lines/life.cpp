// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_process.hpp"
#include "bench/support/line.hpp"
#include "bench/support/python.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

// Line 9: a pool is made, returns its first result, and is destroyed. How long does that take?
namespace bench {
namespace {

constexpr std::size_t workers = 4;

int add(int a, int b) {
    return a + b;
}

void pool_life() {
    procpool::pool pool(workers);
    require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2");
}

void bare_lives() {
    std::deque<bare_process> processes;
    for (std::size_t i = 0; i != workers; ++i)
        processes.emplace_back(bare_process::role::ends_at_once);
}

std::vector<row> measure(const settings& chosen) {
    const auto lives = chosen.pick<std::size_t>(20, 2);
    samples ours;
    samples bare;
    samples python;
    pool_life();
    alternate(chosen.rounds, {[&] { ours.push_back(median(times_of_each(lives, pool_life))); },
                              [&] { bare.push_back(median(times_of_each(lives, bare_lives))); },
                              [&] {
                                  if (const auto seconds = python_seconds("life " + std::to_string(workers)))
                                      python.push_back(*seconds);
                              }});
    const std::string work = "pool(4) made, first result, destroyed";
    return {{.work = work,
             .other = "Python Pool(4), forked",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = python,
             .goal = at_most(0.5),
             .note = python.empty() ? no_python : ""},
            {.work = work,
             .other = "four bare posix_spawns of this program",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = bare,
             .goal = at_most(3)}};
}

const registered_line here({9, "life", "a pool made, used once and destroyed", measure});

} // namespace
} // namespace bench

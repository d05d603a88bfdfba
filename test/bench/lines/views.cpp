// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

// Line 6: an argument that a task only reads is copied once, or not at all.
namespace bench {
namespace {

double ends_of(std::span<const double> values) {
    return values.front() + values.back();
}

std::size_t size_of(procpool::shared_array<std::byte> values) {
    return values.size();
}

samples calls_with(procpool::pool& pool, const procpool::shared_array<std::byte>& array, std::size_t calls) {
    return times_of_each(calls, [&] {
        require_equal(pool.apply(procpool::fn<size_of>, array), array.size(), "the size of the array");
    });
}

std::vector<row> measure(const settings& chosen) {
    const auto bytes = chosen.pick<std::size_t>(16 * 1024 * 1024, 1024 * 1024);
    const auto calls = chosen.pick<std::size_t>(50, 5);
    const std::vector<double> sent(bytes / sizeof(double), 1.5);
    std::vector<double> copy(sent.size());
    const procpool::shared_array<std::byte> small(1024);
    const procpool::shared_array<std::byte> big(std::size_t{1024} * 1024 * 1024);

    procpool::pool pool(1);
    pool.apply(procpool::fn<ends_of>, sent);
    samples spans;
    samples copied;
    samples smalls;
    samples bigs;
    alternate(chosen.rounds,
              {[&] {
                   spans.push_back(median(times_of_each(calls, [&] {
                       require_equal(pool.apply(procpool::fn<ends_of>, sent), 3.0, "the sum of the ends");
                   })));
               },
               [&] {
                   copied.push_back(
                       median(times_of_each(calls, [&] { std::memcpy(copy.data(), sent.data(), bytes); })));
                   require_equal(copy == sent, true, "the copy");
               },
               [&] { smalls.push_back(median(calls_with(pool, small, 100 * calls))); },
               [&] {
                   bigs.push_back(median(calls_with(pool, big, 100 * calls)));
               }});
    return {{.work = "a call with a span of 16 MiB",
             .other = "one memcpy of it",
             .unit = unit::seconds,
             .ours = spans,
             .theirs = copied,
             .goal = at_most(1.1)},
            {.work = "a call with a shared_array of 1 GiB",
             .other = "with one of 1 KiB",
             .unit = unit::seconds,
             .ours = bigs,
             .theirs = smalls,
             .goal = at_most(1.2)}};
}

const registered_line here({6, "views", "spans and shared arrays", measure});

} // namespace
} // namespace bench

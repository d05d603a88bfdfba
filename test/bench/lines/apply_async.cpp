// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_rings.hpp"
#include "bench/support/line.hpp"
#include "bench/support/partner.hpp"
#include "bench/support/python.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <vector>

// Line 1: calls one by one, and then all their results. How many a second?
namespace bench {
namespace {

int add(int a, int b) {
    return a + b;
}

void check(std::int64_t total, std::size_t calls) {
    const auto count = static_cast<std::int64_t>(calls);
    require_equal(total, count * (count - 1), "the sum of all results");
}

double pool_rate(procpool::pool& pool, std::size_t calls) {
    std::vector<procpool::async_result<int>> results;
    results.reserve(calls);
    std::int64_t total = 0;
    const double seconds = seconds_of([&] {
        for (int i = 0; i != static_cast<int>(calls); ++i)
            results.push_back(pool.apply_async(procpool::fn<add>, i, i));
        for (const auto& result : results)
            total += result.get();
    });
    check(total, calls);
    return static_cast<double>(calls) / seconds;
}

double threads_rate(boost::asio::thread_pool& threads, std::size_t calls) {
    std::vector<std::future<int>> results;
    results.reserve(calls);
    std::int64_t total = 0;
    const double seconds = seconds_of([&] {
        for (int i = 0; i != static_cast<int>(calls); ++i)
            results.push_back(
                boost::asio::post(threads, std::packaged_task<int()>([i] { return add(i, i); })));
        for (auto& result : results)
            total += result.get();
    });
    check(total, calls);
    return static_cast<double>(calls) / seconds;
}

double rings_rate(bare_rings& rings, partner& other, std::size_t calls) {
    std::int64_t total = 0;
    other.start();
    const double seconds = seconds_of([&] {
        std::size_t read = 0;
        spin waiting;
        for (std::size_t written = 0; read != calls;) {
            const int i = static_cast<int>(written);
            if (written != calls && rings.calls.try_write({i, i})) {
                ++written;
                continue;
            }
            while (const auto result = rings.results.try_read()) {
                total += *result;
                ++read;
            }
            waiting.once_more();
        }
    });
    other.finish();
    check(total, calls);
    return static_cast<double>(calls) / seconds;
}

std::vector<row> compare(std::size_t workers, const settings& chosen) {
    const auto calls = chosen.pick<std::size_t>(500'000, 10'000);
    const auto python_calls = chosen.pick<std::size_t>(30'000, 300);

    bare_rings rings;
    partner other([&] { rings.answer(calls); });
    procpool::pool pool(workers);
    boost::asio::thread_pool threads(workers);
    samples ours;
    samples python;
    samples threaded;
    samples bare;
    pool_rate(pool, calls / 10);
    threads_rate(threads, calls / 10);
    alternate(chosen.rounds,
              {[&] { ours.push_back(pool_rate(pool, calls)); },
               [&] { threaded.push_back(threads_rate(threads, calls)); },
               [&] { bare.push_back(rings_rate(rings, other, calls)); },
               [&] {
                   if (const auto seconds = python_seconds("apply_async " + std::to_string(python_calls) +
                                                           ' ' + std::to_string(workers)))
                       python.push_back(static_cast<double>(python_calls) / *seconds);
               }});

    const std::string work =
        "apply_async, " + std::to_string(workers) + (workers == 1 ? " worker" : " workers");
    std::vector<row> rows{{.work = work,
                           .other = "Python Pool.apply_async",
                           .unit = unit::per_second,
                           .ours = ours,
                           .theirs = python,
                           .goal = at_least(200),
                           .note = python.empty() ? no_python : ""},
                          {.work = work,
                           .other = "asio::thread_pool and packaged_task",
                           .unit = unit::per_second,
                           .ours = ours,
                           .theirs = threaded,
                           .goal = at_least(2)}};
    rows.push_back({.work = work,
                    .other = "a bare ring to one process",
                    .unit = unit::per_second,
                    .ours = ours,
                    .theirs = bare,
                    .goal = at_least(0.3)});
    return rows;
}

std::vector<row> measure(const settings& chosen) {
    std::vector<row> rows = compare(1, chosen);
    const auto cpus = procpool::default_processes();
    if (cpus != 1)
        for (row& each : compare(cpus, chosen))
            rows.push_back(std::move(each));
    return rows;
}

const registered_line here({1, "apply_async", "calls one by one, all results read", measure});

} // namespace
} // namespace bench

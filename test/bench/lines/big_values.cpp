// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/python.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

// Line 5: 16 MiB are sent and returned. How many bytes a second, counting both directions?
namespace bench {
namespace {

using numbers = std::vector<double>;

numbers same(numbers values) {
    return values;
}

std::vector<row> measure(const settings& chosen) {
    const auto bytes = chosen.pick<std::size_t>(16 * 1024 * 1024, 1024 * 1024);
    const auto calls = chosen.pick<std::size_t>(20, 2);
    const numbers sent(bytes / sizeof(double), 1.5);
    const auto rate = [&](double seconds) {
        return 2 * static_cast<double>(bytes) / seconds;
    };

    procpool::pool pool(1);
    numbers back = pool.apply(procpool::fn<same>, sent);
    numbers there(sent.size());
    samples ours;
    samples copied;
    samples python;
    alternate(chosen.rounds,
              {[&] {
                   ours.push_back(rate(
                       median(times_of_each(calls, [&] { back = pool.apply(procpool::fn<same>, sent); }))));
                   require_equal(back == sent, true, "what came back");
               },
               [&] {
                   copied.push_back(rate(median(times_of_each(calls, [&] {
                       std::memcpy(there.data(), sent.data(), bytes);
                       std::memcpy(back.data(), there.data(), bytes);
                   }))));
                   require_equal(back == sent, true, "what came back");
               },
               [&] {
                   if (const auto seconds = python_seconds("array " + std::to_string(bytes) + " 3"))
                       python.push_back(rate(*seconds));
               }});

    const std::string work = std::to_string(bytes / 1024 / 1024) + " MiB of doubles there and back";
    return {{.work = work,
             .other = "memcpy there and back, one thread",
             .unit = unit::bytes_per_second,
             .ours = ours,
             .theirs = copied,
             .goal = at_least(0.4)},
            {.work = work,
             .other = "Python Pool.apply",
             .unit = unit::bytes_per_second,
             .ours = ours,
             .theirs = python,
             .goal = at_least(20),
             .note = python.empty() ? no_python : ""}};
}

const registered_line here({5, "big_values", "megabytes there and back", measure});

} // namespace
} // namespace bench

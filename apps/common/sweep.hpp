// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_SWEEP_HPP
#define PROCPOOL_APPS_SWEEP_HPP

// The same calls serially, then with one pool size after the other, every result checked.

#include "common/check.hpp"
#include "common/command_line.hpp"
#include "common/numbers.hpp"
#include "common/progress_bar.hpp"
#include "common/report.hpp"
#include "common/stopwatch.hpp"

#include <procpool/procpool.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace apps {

/// Measures `chosen.jobs` calls serially and with each size of `chosen.processes`.
///
/// `one_call(i)` makes call number i in this process; `all_calls(pool, telling)` makes all of them in the
/// pool, tells how far it is if it can, and gives their results in order. The time of a size runs from before
/// its pool is made until its last worker is gone.
template <class OneCall, class AllCalls>
report sweep(const settings& chosen, OneCall one_call, AllCalls all_calls) {
    using result = std::invoke_result_t<OneCall&, std::size_t>;
    report measured{.jobs = chosen.jobs,
                    .seed = chosen.seed,
                    .scale = chosen.scale,
                    .cpus = procpool::default_processes()};
    progress_bar bar;
    const double steps = static_cast<double>(chosen.processes.size() + 1);

    std::vector<result> expected;
    expected.reserve(chosen.jobs);
    const stopwatch serial;
    for (std::size_t index = 0; index < chosen.jobs; ++index) {
        bar.show(static_cast<double>(index) / static_cast<double>(chosen.jobs) / steps,
                 "one call after the other");
        expected.push_back(one_call(index));
    }
    measured.serial_seconds = serial.seconds();
    measured.serial_cpu_seconds = serial.cpu_seconds();

    for (const std::size_t processes : chosen.processes) {
        const double step = static_cast<double>(measured.sizes.size() + 1);
        const std::string size = counted(processes, "process", "processes");
        bar.show(step / steps, size);
        // Called in another thread, while this one waits in all_calls.
        const procpool::map_options telling{.on_progress = [&](const procpool::progress& so_far) {
            const auto done = static_cast<double>(so_far.done) / static_cast<double>(chosen.jobs);
            bar.show((step + done) / steps, size);
        }};
        const stopwatch whole;
        procpool::pool pool(processes);
        const double start_seconds = whole.seconds();
        const std::vector<result> results = all_calls(pool, telling);
        pool.close();
        pool.join();
        measured.sizes.push_back({processes, start_seconds, whole.seconds()});
        check(expected, results, processes);
    }
    return measured;
}

} // namespace apps

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_SWEEP_HPP
#define PROCPOOL_APPS_SWEEP_HPP

// Makes the same calls serially, then with each pool size, and checks every result.

#include "common/benchmark.hpp"
#include "common/check.hpp"
#include "common/progress_bar.hpp"
#include "common/report.hpp"
#include "common/stopwatch.hpp"
#include "common/text.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace apps {

/// The measurement of one pool size, which begins when this object is made.
struct pool_run {
    std::size_t processes;
    procpool::map_options options; // with a progress bar
    stopwatch time{};
    double start_seconds = 0;

    /// Called when the pool is constructed: its workers are ready.
    void pool_started() { start_seconds = time.seconds(); }
};

/// Measures `chosen.jobs` calls serially and with each size of `chosen.processes`.
///
/// `one_call(i)` makes call number i in this process. `use_pool(run)` constructs a pool of `run.processes` workers,
/// makes all calls in it, closes and joins it, and returns the results in the order of the calls. The time of a size
/// runs from before its pool is constructed until its last worker has exited.
template <class OneCall, class UsePool>
report sweep(const settings& chosen, OneCall one_call, UsePool use_pool) {
    using result = std::invoke_result_t<OneCall&, std::size_t>;
    report measured{.jobs = chosen.jobs,
                    .seed = chosen.seed,
                    .scale = chosen.scale,
                    .cpus = procpool::default_processes()};
    progress_bar bar;
    const double steps = static_cast<double>(chosen.processes.size() + 1);

    std::vector<result> expected;
    expected.reserve(chosen.jobs);
    const double cpu_seconds_before = cpu_seconds();
    const stopwatch serial;
    for (std::size_t index = 0; index < chosen.jobs; ++index) {
        bar.show(static_cast<double>(index) / static_cast<double>(chosen.jobs) / steps,
                 "one call after the other");
        expected.push_back(one_call(index));
    }
    measured.serial_seconds = serial.seconds();
    measured.serial_cpu_seconds = cpu_seconds() - cpu_seconds_before;

    for (const std::size_t processes : chosen.processes) {
        const double step = static_cast<double>(measured.sizes.size() + 1);
        const std::string size = counted(processes, "process", "processes");
        bar.show(step / steps, size);
        // Called in another thread, while this one waits in use_pool.
        const procpool::map_options options{.on_progress = [&](const procpool::progress& so_far) {
            const auto done = static_cast<double>(so_far.done) / static_cast<double>(chosen.jobs);
            bar.show((step + done) / steps, size);
        }};
        pool_run run{processes, options};
        const std::vector<result> results = use_pool(run);
        measured.sizes.push_back({processes, run.start_seconds, run.time.seconds()});
        check(expected, results, processes);
    }
    return measured;
}

} // namespace apps

#endif

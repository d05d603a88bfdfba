// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_REPORT_HPP
#define PROCPOOL_APPS_REPORT_HPP

// The measurements of a benchmark: plain numbers for the table, the plot and the verdict.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace apps {

/// One pool size, measured once.
struct measurement {
    std::size_t processes = 0;
    double start_seconds = 0; // until every worker of the pool was ready
    double total_seconds = 0; // from the construction of the pool to its end, with all calls
};

struct report {
    std::string app{};  // "procpool-map"
    std::string work{}; // "100 sieves up to about 2500000"
    std::size_t jobs = 0;
    std::uint64_t seed = 0;
    double scale = 0;
    std::size_t cpus = 0;
    double serial_seconds = 0;        // the same calls, one after the other, in this process
    double serial_cpu_seconds = 0;    // CPU time of the serial calls
    std::vector<measurement> sizes{}; // ascending

    /// The ratio of the serial time to the time of this size.
    double speedup(const measurement& size) const { return serial_seconds / size.total_seconds; }

    /// Whether the calls need mainly CPU time. If others use the machine too, computing calls get less than a
    /// whole CPU.
    bool computes() const { return serial_cpu_seconds > 0.1 * serial_seconds; }

    /// Speed-up per process; 1 is ideal.
    double efficiency(const measurement& size) const {
        return speedup(size) / static_cast<double>(size.processes);
    }
};

} // namespace apps

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_MACHINE_HPP
#define PROCPOOL_BENCH_MACHINE_HPP

#include <cstddef>
#include <string>

namespace bench {

/// The machine and the programs of a measurement.
struct machine {
    std::string processor;
    std::size_t cpus = 0; // that this process may use
    std::string system;
    std::string compiler;
    std::string flags;
};

machine this_machine();

/// The average number of processes that wanted a CPU in the last minute.
double load_now();

} // namespace bench

#endif

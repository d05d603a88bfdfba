// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_PROCESS_USE_HPP
#define PROCPOOL_BENCH_PROCESS_USE_HPP

#include <cstddef>

// The resources that a process uses, according to the system.
namespace bench {

/// CPU time of all its threads, in nanoseconds.
/// Errors:     all functions throw std::runtime_error if the system does not provide the number.
double cpu_seconds(long pid);

struct memory_use {
    double private_bytes = 0;      // mapped by no other process
    double proportional_bytes = 0; // and its share of memory that others have mapped, too
};
memory_use memory_of(long pid);

std::size_t descriptors_of(long pid);

} // namespace bench

#endif

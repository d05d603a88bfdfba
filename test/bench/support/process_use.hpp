// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_PROCESS_USE_HPP
#define PROCPOOL_BENCH_PROCESS_USE_HPP

#include <cstddef>

// What a process uses, as the system accounts for it.
namespace bench {

/// CPU time of all threads that it has, to the nanosecond.
/// Errors:     throws std::runtime_error where the system does not tell, as do the others.
double cpu_seconds(long pid);

struct memory_use {
    double private_bytes = 0;      // that nobody else has mapped
    double proportional_bytes = 0; // and its share of what others have, too
};
memory_use memory_of(long pid);

std::size_t descriptors_of(long pid);

} // namespace bench

#endif

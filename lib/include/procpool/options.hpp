// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OPTIONS_HPP
#define PROCPOOL_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <optional>

namespace procpool {

/// CPUs that this process may use: its affinity, and less if a control group grants less time; at least 1.
/// Source: Python, os.process_cpu_count.
std::size_t default_processes();

/// How to make a pool.
struct pool_options {
    /// How many workers. Default: one for each usable CPU. 0, or more than 65536: std::invalid_argument.
    std::size_t processes = default_processes();
    /// How long a worker may take from its start until it is ready. Default: 30 s.
    std::chrono::nanoseconds start_timeout = std::chrono::seconds(30);
};

/// How to run a map or starmap.
struct map_options {
    /// Items that are sent together. Default: chosen from the number of items and workers. It is a matter of
    /// speed and never changes a result. 0: std::invalid_argument.
    std::optional<std::size_t> chunk_size = std::nullopt;
};

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_AFFINITY_HPP
#define PROCPOOL_OS_WINDOWS_AFFINITY_HPP

#include <bit>
#include <cstddef>
#include <cstdint>

// The CPUs that a process may use. Windows divides CPUs into groups of up to 64.
namespace procpool::os {

struct affinity {
    std::uint64_t own = 0;    // the CPUs of one group that the process may use; 0: it is in several groups
    std::uint64_t group = 0;  // the CPUs of this group
    std::size_t all_cpus = 0; // of all groups
    bool spans_groups =
        false; // a process uses all groups as long as it has not been limited: since build 20348
};

/// A process that was limited to all CPUs of one of several groups is taken for one that was not limited: the
/// system does not tell the difference.
inline std::size_t cpus_of(const affinity& process) noexcept {
    const bool limited = process.own != process.group;
    if (process.own == 0 || (process.spans_groups && !limited))
        return process.all_cpus;
    return static_cast<std::size_t>(std::popcount(process.own));
}

} // namespace procpool::os

#endif

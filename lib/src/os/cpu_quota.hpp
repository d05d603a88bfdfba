// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_CPU_QUOTA_HPP
#define PROCPOOL_OS_CPU_QUOTA_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The CPU time that control groups grant, read from the text of the kernel's files. Linux only.
namespace procpool::os {

/// The CPUs granted by a `cpu.max` file of version 2 ("150000 100000" is 2), rounded up; nullopt if unlimited
/// or not understood.
std::optional<std::size_t> cpus_of_cpu_max(std::string_view text) noexcept;

/// The same for `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1.
std::optional<std::size_t> cpus_of_cfs(std::string_view quota, std::string_view period) noexcept;

/// A folder with the limits of one control group.
struct quota_folder {
    std::string path;
    bool unified = false; // version 2: `cpu.max`; else version 1

    bool operator==(const quota_folder&) const = default;
};

/// The folders whose limits all apply to a process: its own control group and all visible groups above it.
/// `own_groups` is the text of /proc/self/cgroup, `mounts` of /proc/self/mountinfo.
std::vector<quota_folder> quota_folders(std::string_view own_groups, std::string_view mounts);

} // namespace procpool::os

#endif

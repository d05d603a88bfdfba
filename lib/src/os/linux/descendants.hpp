// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_DESCENDANTS_HPP
#define PROCPOOL_OS_LINUX_DESCENDANTS_HPP

#include "os/native_handle.hpp"

#include <vector>

// Reads /proc, of any PID namespace, without allocating: the process itself may have no memory, or be
// damaged. If /proc is not available, nothing is done.
namespace procpool::os {

/// Kills the children of a process that is held, their children, and so on, also in another process group or
/// session. A process whose parent has ended has another parent, and is not found. `killed`, if not null,
/// gets handles of them, unless memory or descriptors have run out.
void kill_descendants(native_handle of, std::vector<unique_handle>* killed) noexcept;

/// Likewise for the descendants of this process.
void kill_own_descendants() noexcept;

/// Adds handles of this process's children that are in the process group of `leader`, except `leader` itself.
void find_own_children_in_group(native_handle leader, std::vector<unique_handle>& found) noexcept;

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_DESCENDANTS_HPP
#define PROCPOOL_OS_LINUX_DESCENDANTS_HPP

#include "os/handles.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/types.h>

// Reads information on processes in /proc, without allocating. Its numbers belong to the PID namespace for
// which /proc was mounted, which may not be this process's own, for example after `unshare --pid --fork`. So
// they are used only to find a folder in this /proc, and never to send a signal.
namespace procpool::os {

struct process_stat {
    pid_t parent = 0;
    pid_t group = 0;
    std::uint64_t start = 0; // unique together with the number
};

/// This process's number in /proc; 0 if it has none there.
pid_t own_number_in_proc() noexcept;

/// The number in /proc of a process that is held; 0 if it has been reaped, or has none there.
pid_t number_in_proc(native_handle process) noexcept;

/// Opens the folder, which then shows that process or nothing, even if another process gets the number. It
/// can be used to send signals, like a handle.
unique_handle open_process_folder(pid_t number_in_proc) noexcept;

/// Nullopt if the process has been reaped.
std::optional<process_stat> read_stat(native_handle process_folder) noexcept;

/// The number of the folder's process in this process's namespace; 0 if it has none.
pid_t number_here(native_handle process_folder) noexcept;

// Reads /proc, of any PID namespace, without allocating: the process itself may have no memory, or be
// damaged. If /proc is not available, nothing is done.

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

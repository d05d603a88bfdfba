// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_PROCESS_FOLDER_HPP
#define PROCPOOL_OS_LINUX_PROCESS_FOLDER_HPP

#include "os/native_handle.hpp"

#include <cstdint>
#include <optional>

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

} // namespace procpool::os

#endif

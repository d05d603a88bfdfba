// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_PROCESS_SIGNALS_HPP
#define PROCPOOL_OS_LINUX_PROCESS_SIGNALS_HPP

#include "os/handles.hpp"

#include <csignal>

#include <sys/types.h>

// Signals to processes that are held by a handle. The kernel reuses a process's number as soon as the process
// has been reaped, which the host program, or the kernel for it, may do at any time.
namespace procpool::os {

enum class signal_result { sent, gone, refused };

/// A handle of the process that has the number now. If there is none, errno has the reason.
unique_handle open_process(pid_t number) noexcept;

/// `process`: a handle from `open_process`, or the folder of a process in /proc.
signal_result signal_process(native_handle process, int signal) noexcept;

/// Likewise for a child, with its number. A sandbox that forbids signals by handle may allow them by number,
/// which are sent while the child has not been reaped.
signal_result signal_child(native_handle child, pid_t number, int signal) noexcept;

/// Signals the process group that `leader`, with the given number, leads. Since Linux 6.9 also if the leader
/// has been reaped; before, nothing is done in this case, as the number may belong to another group.
void signal_group_of(native_handle leader, pid_t number, int signal) noexcept;

/// Whether the process has ended, reaped or not.
bool has_ended(native_handle process) noexcept;

/// `waitid` by handle. Waits, unless `options` contains WNOHANG; to wait, sets the handle to blocking mode.
int wait_for(native_handle process, pid_t number, siginfo_t& how, int options) noexcept;

/// Whether the process is a child of this process and has not been reaped. If so, no other process has its
/// number.
bool is_unreaped_child(native_handle process, pid_t number) noexcept;

/// Whether processes become children of this one when their parent ends.
bool adopts_orphans() noexcept;

} // namespace procpool::os

#endif

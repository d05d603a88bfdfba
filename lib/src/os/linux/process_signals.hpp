// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_PROCESS_SIGNALS_HPP
#define PROCPOOL_OS_LINUX_PROCESS_SIGNALS_HPP

#include "os/native_handle.hpp"

#include <csignal>

#include <sys/types.h>

// Signals to processes that are held by a handle. Of a number the kernel makes another process's as soon as
// the first has been reaped, which the host program does, or lets the kernel do, as it likes.
namespace procpool::os {

enum class signal_result { sent, gone, refused };

/// A handle of the process that has the number now. None: errno says why.
unique_handle open_process(pid_t number) noexcept;

/// `process`: a handle of `open_process`, or the folder of a process in /proc.
signal_result signal_process(native_handle process, int signal) noexcept;

/// Likewise a child, whose number is given. A sandbox that forbids signals by handle does not forbid them by
/// number, which are sent while the child has not been reaped.
signal_result signal_child(native_handle child, pid_t number, int signal) noexcept;

/// Signals the process group that `leader`, whose number is given, was made the leader of. Since Linux 6.9
/// also when the leader has been reaped; before, nothing happens then, as the number may be another group's.
void signal_group_of(native_handle leader, pid_t number, int signal) noexcept;

/// Has it ended, whether or not it has been reaped?
bool has_ended(native_handle process) noexcept;

/// `waitid` by handle. `options` without WNOHANG wait.
int wait_for(native_handle process, pid_t number, siginfo_t& how, int options) noexcept;

/// Is it a child of this process that has not been reaped? Then its number is its own.
bool is_unreaped_child(native_handle process, pid_t number) noexcept;

/// Do processes become children of this one when their parent ends?
bool adopts_orphans() noexcept;

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SELF_HPP
#define PROCPOOL_OS_SELF_HPP

#include "os/handles.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace procpool::os {

/// While an object of this class exists, new descriptors do not get the numbers of standard streams that this
/// process has closed, including descriptors that a library opens and that cannot be moved.
///
/// Errors: throws `boost::system::system_error` if no descriptor is left.
class standard_streams_kept_free {
  public:
    standard_streams_kept_free();

  private:
    std::vector<unique_handle> places_; // empty if none was closed
};

// Properties and settings of the own process.

/// CPUs that this process may use: its affinity, limited by the CPU quota of its control group, or of its job
/// on Windows; at least 1.
std::size_t usable_cpus();

/// The name of this program's file, without folders.
std::string program_name();

/// Sets the name that tools like `top` show for this process; the system may truncate it. Call it in the main
/// thread. Does nothing on Windows, where tools show the command line.
void set_process_name(const std::string& name) noexcept;

/// Reads an environment variable and removes it, so that children do not see it.
///
/// Thread safety: none, as for every change of the environment: call it before other threads exist.
std::optional<std::string> take_environment(const char* name);

/// The value of an environment variable.
std::optional<std::string> environment(const char* name);

/// The value that an environment variable had when this process was started, even if it was changed since;
/// nullopt if the system does not provide it, as on Windows.
std::optional<std::string> environment_at_start(const char* name);

/// Thread safety: as `take_environment`.
void remove_environment(const char* name) noexcept;

/// Bytes of memory that count towards `limit_own_memory`; 0 if the system does not provide it.
std::uint64_t own_memory();

/// Limits the private memory of this process, including the memory that it has already; shared memory does
/// not count.
///
/// Errors: throws `boost::system::system_error`.
void limit_own_memory(std::uint64_t bytes);

/// Sets umask: the permission bits that new files of this process do not get. Does nothing on Windows.
void set_file_mask(std::uint32_t mask) noexcept;

long current_pid() noexcept;

/// Whether `pid` is this process's parent, as far as the system shows it: not across PID namespaces.
bool is_child_of(long pid) noexcept;

/// Whether a process with this number exists, perhaps another one than was meant. Always true on Windows.
bool process_exists(long pid) noexcept;

/// From now on until `go_on_when_orphaned`, this process ends at once when the thread that started it ends,
/// for example because the parent is killed; also if that has happened before. Processes that it started live
/// on. Does nothing if `parent` is not this process's parent, and on Windows, where the process is ended from
/// outside.
void end_when_orphaned_by(long parent) noexcept;

/// From now on, this process is continued (if it is stopped) when the thread that started it ends, for
/// example because the parent is killed: a stopped process cannot end itself. Does nothing on Windows, where
/// it is ended from outside.
void go_on_when_orphaned() noexcept;

/// From now on this process, and programs that it starts, may write to its terminal and change its settings
/// although they are not in the foreground; reading from it fails (EIO) instead of stopping them. Does
/// nothing on Windows, whose consoles have no foreground.
void go_on_in_background() noexcept;

/// From now on, Ctrl-Break does not end this process: its parent decides. Does nothing on Linux, where a process
/// group of its own is enough.
void go_on_at_ctrl_break() noexcept;

/// From now on, a fault, a failed assertion or abort() ends this process without a dialog that waits for a user,
/// and a missing disk or DLL is an error. Processes that it starts inherit what the system keeps of this. Does
/// nothing on Linux.
void fail_without_dialogs() noexcept;

/// Calls `what` first in every process that this one makes by fork(), which has only the thread that forked.
/// Does nothing on Windows, which has no fork.
///
/// Errors: throws `boost::system::system_error`.
void call_in_forked_copies(void (*what)());

/// Calls `before` in the thread that forks, before the copy is made, and then `after` in both processes: for
/// a lock that must not be held in the copy. Does nothing on Windows.
///
/// Errors: throws `boost::system::system_error`.
void call_around_forks(void (*before)(), void (*after)());

/// Ends this process without destructors, `atexit` handlers or flushing.
[[noreturn]] void exit_now(int status) noexcept;

/// Ends this process, all its descendants, and, if it leads its process group, all processes in the group; on
/// Windows, all processes in the job that `start_worker` made for it.
[[noreturn]] void end_own_tree(int status) noexcept;

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SELF_HPP
#define PROCPOOL_OS_SELF_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

// What a process knows of itself and does to itself.
namespace procpool::os {

/// CPUs that this process may use: its affinity, and less if a control group, or a job on Windows, grants
/// less time; at least 1.
std::size_t usable_cpus();

/// The name of this program's file, without folders.
std::string program_name();

/// The name that tools like `top` show for this process; the system may cut it. Call it on the main thread.
/// Nothing on Windows, where tools show the command line.
void set_process_name(const std::string& name) noexcept;

/// Reads an environment variable and removes it, so that children do not see it.
///
/// Thread safety: none, like every change of the environment: call it before there are other threads.
std::optional<std::string> take_environment(const char* name);

/// The value of an environment variable.
std::optional<std::string> environment(const char* name);

/// The value that an environment variable had when this process was started, whatever was changed since; none
/// if the system does not tell. Windows does not.
std::optional<std::string> environment_at_start(const char* name);

/// Thread safety: as `take_environment`.
void remove_environment(const char* name) noexcept;

/// Bytes of memory that count towards `limit_own_memory`; 0 if the system does not tell.
std::uint64_t own_memory();

/// From now on this process cannot have more private memory than this, what it has included; shared memory
/// does not count.
///
/// Errors: throws `boost::system::system_error`.
void limit_own_memory(std::uint64_t bytes);

/// The bits that files do not get which this process makes: umask. Nothing on Windows.
void set_file_mask(std::uint32_t mask) noexcept;

long current_pid() noexcept;

/// Whether `pid` is this process's parent, as far as the system tells: not across PID namespaces.
bool is_child_of(long pid) noexcept;

/// Is there a process of this number, perhaps another one than was meant? Always true on Windows.
bool process_exists(long pid) noexcept;

/// When the thread that started this process ends, a parent that is killed say, this process ends at once,
/// until `go_on_when_orphaned`; also if that has happened before. What it started lives on. Nothing if
/// `parent` is the parent of another process. Nothing on Windows, where it is ended from outside.
void end_when_orphaned_by(long parent) noexcept;

/// When the thread that started this process ends, a parent that is killed say, this process goes on if it is
/// stopped: it cannot end itself before. Nothing on Windows, where it is ended from outside.
void go_on_when_orphaned() noexcept;

/// From now on this process, and the programs that it starts, may write to its terminal and change its
/// settings like the program in the foreground, which they are not; reading from it is refused (EIO), where
/// it would stop them. Nothing on Windows, whose consoles have no foreground.
void go_on_in_background() noexcept;

/// Calls `what` first in every process that this one makes by fork(), in which only the thread that forked
/// goes on. Nothing on Windows, where there is no fork.
///
/// Errors: throws `boost::system::system_error`.
void call_in_forked_copies(void (*what)());

/// Calls `before` in the thread that forks, before the copy is made, and then `after` in both: for a lock
/// that the copy must not find taken. Nothing on Windows.
///
/// Errors: throws `boost::system::system_error`.
void call_around_forks(void (*before)(), void (*after)());

/// Ends this process without destructors, `atexit` handlers or flushing.
[[noreturn]] void exit_now(int status) noexcept;

/// Ends this process, all that descends from it, and, if it leads its process group, everything in the group;
/// on Windows, everything in the job that `start_worker` made for it.
[[noreturn]] void end_own_tree(int status) noexcept;

} // namespace procpool::os

#endif

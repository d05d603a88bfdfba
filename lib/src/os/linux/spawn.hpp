// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_SPAWN_HPP
#define PROCPOOL_OS_LINUX_SPAWN_HPP

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <spawn.h>

namespace procpool::os {

/// How to execute the program of this process again.
struct own_program {
    std::string file;                   // to be executed
    std::vector<std::string> arguments; // after the title: for a dynamic loader that loads the program
};

/// /proc/self/exe, which works even if the file has been replaced or deleted. It does not work if the program
/// was not executed directly: if a dynamic loader loaded it ("ld.so ./program"), if a tool runs it (valgrind,
/// an emulator), or if there is no /proc.
///
/// Errors: throws std::bad_alloc.
const own_program& find_own_program();

// Settings of a new worker that are computed before anything is started. POSIX only.

/// "Make descriptor `to` refer to what `from` refers to"; if both are equal, "let it be inherited".
struct descriptor_move {
    int from = 0;
    int to = 0;

    bool operator==(const descriptor_move&) const = default;
};

/// Moves, to be made in order, after which `first + i` refers to what `sources[i]` referred to. No source is
/// overwritten before its last use, for any numbers of the sources. A spare descriptor above the targets may
/// be left over; the caller closes everything from `first + sources.size()` on.
///
/// Complexity: quadratic in the number of sources, which is small.
std::vector<descriptor_move> plan_moves(std::span<const int> sources, int first);

/// `NAME=value` lines: those of `base` whose name is neither in `added` nor in `removed`, then `added`, of which
/// the last one counts among equal names.
///
/// Errors: throws `std::invalid_argument` for a name that is empty or has an `=`, and for a NUL anywhere.
std::vector<std::string> merge_environment(std::span<const std::string> base,
                                           std::span<const std::pair<std::string, std::string>> added,
                                           std::span<const std::string> removed = {});

// The settings of a new process before its program starts.

/// While an object of this class exists, this thread may only run on these CPUs, and so may a process that it
/// starts.
///
/// Errors: throws `boost::system::system_error` that names the CPU that does not exist or is not granted.
class thread_on_cpus {
  public:
    explicit thread_on_cpus(std::span<const std::size_t> cpus);
    ~thread_on_cpus();
    thread_on_cpus(const thread_on_cpus&) = delete;
    thread_on_cpus& operator=(const thread_on_cpus&) = delete;

  private:
    void restore() noexcept;

    std::vector<unsigned long> before_; // words of a CPU set
};

/// The file actions and attributes of one `posix_spawn`; the actions run in the order of the calls.
///
/// Errors: all throw `boost::system::system_error` or `std::bad_alloc`.
class spawn_settings {
  public:
    spawn_settings();
    ~spawn_settings();
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;

    void move_descriptor(const descriptor_move& move);

    /// Standard input is empty; output and error are these descriptors. Without a descriptor, a stream is inherited,
    /// or discarded. Comes before `move_descriptor`, which may overwrite them.
    void set_standard_streams(int output, int errors);

    /// Starts in this folder, if it can be entered. With C libraries before glibc 2.29: in that of this
    /// process.
    void enter(int folder);

    void close_from(int first);

    /// No signal blocked or ignored, and a process group of its own.
    void isolate();

    const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_SPAWN_SETTINGS_HPP
#define PROCPOOL_OS_LINUX_SPAWN_SETTINGS_HPP

#include "os/launch_plan.hpp"

#include <spawn.h>

// The settings of a new process before its program starts.
namespace procpool::os {

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

    /// Standard input is empty; output and error are inherited, or discarded.
    void set_standard_streams();

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

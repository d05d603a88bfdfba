// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_PROGRAMS_HPP
#define PROCPOOL_APPS_TOP_PROGRAMS_HPP

#include "top/pool_view.hpp"

#include "os/handles.hpp"

#include <stdexcept>
#include <string>
#include <vector>

// Running programs, by what /proc shows of them. They are not disturbed, and do not take part.

namespace top {

/// The text is a whole sentence without an end.
struct program_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The process is gone.
struct program_ended : program_error {
    using program_error::program_error;
};

struct program_view {
    long pid = 0;
    std::string name;
    bool stopped = false; // by a signal or a debugger
    std::vector<pool_view> pools;
    std::vector<std::string> not_shown; // why, of pools that cannot be shown
};

/// A process, which another one with the same PID does not replace.
class program {
  public:
    /// Errors: throws program_error.
    explicit program(long pid);

    /// Errors: throws program_ended; program_error if the system does not permit it.
    program_view view() const;

  private:
    long pid_;
    procpool::os::unique_handle folder_; // of /proc
};

/// The programs of this user, or of all users for root, that have pools. Processes that cannot be read are left out.
///
/// Errors: throws program_error.
std::vector<program_view> all_programs();

} // namespace top

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LAUNCH_CONTEXT_HPP
#define PROCPOOL_OS_LAUNCH_CONTEXT_HPP

#include "os/native_handle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace procpool::os {

/// The properties of a new process that the program may change in its own process at any time: environment,
/// working directory, and umask.
struct launch_context {
#if defined(_WIN32)
    std::wstring environment; // in the form for CreateProcess
    std::wstring folder;
#else
    std::vector<std::string> environment; // "NAME=value"
    unique_handle folder;                 // none: it cannot be entered
#endif
    std::optional<std::uint32_t> file_mask; // none: it is not known, or there is none

    /// The current values.
    ///
    /// Errors:        throws `std::bad_alloc`, `boost::system::system_error` if no descriptor is left.
    /// Thread safety: that of getenv: no other thread may change the environment.
    static launch_context now();
};

} // namespace procpool::os

#endif

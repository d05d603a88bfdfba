// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_SETTINGS_HPP
#define PROCPOOL_WORKER_SETTINGS_HPP

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace procpool {

/// How one worker differs from the parent: see pool_options::settings_for. By default it does not.
///
/// Errors: the start of the worker fails if a setting is not valid, or if the system refuses it; the text of
///         start_failed says which.
struct worker_settings {
    /// Environment variables that are set, besides the parent's or in place of them. The parent's are those
    /// that it had when the pool was made. On Windows in UTF-8. An empty name, a name with `=`, or a NUL:
    /// start_failed.
    std::map<std::string, std::string> environment = {};
    /// Names of variables that the worker does not have; a name that is also in `environment` is set.
    std::vector<std::string> unset = {};
    /// CPUs on which the worker may run, as the system numbers them; it is bound to them before it touches
    /// its first page. They may be others than the parent's. Empty: the parent's. A CPU that does not exist,
    /// or that the system does not grant: start_failed. Windows: numbers within the parent's processor group.
    std::vector<std::size_t> cpus = {};
    /// Added to the parent's niceness; the sum is limited to the range of the system, -20 to 19. A negative
    /// value needs a privilege. Windows: see docs/portability.md for the priority class.
    int niceness = 0;
    /// Working directory. Empty: the parent's. A relative path is resolved in the working directory that the
    /// parent had when the pool was made. A directory that cannot be entered: start_failed.
    std::filesystem::path directory = {};
};

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_PROCESS_START_HPP
#define PROCPOOL_OS_WINDOWS_PROCESS_START_HPP

#include "os/handles.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <windows.h>

namespace procpool::os {

/// The environment of this process, in the form for CreateProcess.
std::wstring own_environment();

/// An environment without the names `removed`, and `added`, which replaces equal names and of which the last one
/// counts among equal names, in the form for CreateProcess: lines that each end
/// with a NUL, and one more NUL. They are sorted by their names without regard to case, as the system requires:
/// in another order, a process may not find or remove some of its variables.
///
/// Errors: throws `std::invalid_argument` for a name that is empty or has an `=`, and for a NUL anywhere.
std::wstring environment_block(const std::wstring& base,
                               std::span<const std::pair<std::string, std::string>> added,
                               std::span<const std::string> removed = {});

// The handles that a new process inherits.

/// Standard streams and a list of handles for one CreateProcess. The inherited handles are copies that are
/// made here and closed by the destructor: if the host program starts a process without such a list
/// meanwhile, that process inherits every inheritable handle.
///
/// Errors: all throw `boost::system::system_error` or `std::bad_alloc`.
class start_attributes {
  public:
    start_attributes();
    ~start_attributes();
    start_attributes(const start_attributes&) = delete;
    start_attributes& operator=(const start_attributes&) = delete;

    /// Returns the value of the handle in the new process.
    native_handle inherit(native_handle handle);

    /// The new process is in this job before it runs.
    ///
    /// Requires: the job is open until the process has been created.
    void set_job(native_handle job) noexcept { job_ = job; }

    /// Standard input is empty; output and error are these, or this process's, or discarded.
    void set_standard_streams(native_handle output, native_handle errors);

    /// Nothing may be added after this. It is valid as long as this object.
    STARTUPINFOEXW& startup_info();

  private:
    native_handle add(unique_handle copy);
    native_handle stream(native_handle given, DWORD which);

    std::vector<unique_handle> copies_;
    std::vector<native_handle> list_;
    native_handle job_ = no_handle;
    std::unique_ptr<std::byte[]> memory_;
    LPPROC_THREAD_ATTRIBUTE_LIST attributes_ = nullptr;
    STARTUPINFOEXW info_{};
};

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_START_ATTRIBUTES_HPP
#define PROCPOOL_OS_WINDOWS_START_ATTRIBUTES_HPP

#include "os/native_handle.hpp"

#include <cstddef>
#include <memory>
#include <vector>

#include <windows.h>

// What a new process inherits, and nothing else.
namespace procpool::os {

/// Standard streams and a list of handles for one CreateProcess. What is inherited are copies that are made
/// here and closed by the destructor: a handle that may be inherited goes to whatever the host program
/// starts without such a list meanwhile.
///
/// Errors: all throw `boost::system::system_error` or `std::bad_alloc`.
class start_attributes {
  public:
    start_attributes();
    ~start_attributes();
    start_attributes(const start_attributes&) = delete;
    start_attributes& operator=(const start_attributes&) = delete;

    /// Returns what the handle is called in the new process.
    native_handle inherit(native_handle handle);

    /// Standard input is empty; output and error are this process's, or go nowhere.
    void set_standard_streams();

    /// No handle may be added after this. It is valid as long as this object is.
    STARTUPINFOEXW& startup_info();

  private:
    native_handle add(unique_handle copy);
    native_handle stream(DWORD which);

    std::vector<unique_handle> copies_;
    std::vector<native_handle> list_;
    std::unique_ptr<std::byte[]> memory_;
    LPPROC_THREAD_ATTRIBUTE_LIST attributes_ = nullptr;
    STARTUPINFOEXW info_{};
};

} // namespace procpool::os

#endif

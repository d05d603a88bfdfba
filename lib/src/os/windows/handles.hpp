// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_HANDLES_HPP
#define PROCPOOL_OS_WINDOWS_HANDLES_HPP

#include "os/native_handle.hpp"

#include <cstdint>
#include <string>

// Handles that children inherit only on request, and names that cannot be guessed.
namespace procpool::os {

/// Throws `boost::system::system_error` with the last error of this thread.
[[noreturn]] void throw_last_error(const std::string& what);

/// Owns the result of a system call.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not a handle.
unique_handle own_handle(native_handle handle, const std::string& what);

/// Takes over an inherited handle, and prevents processes that this one starts from inheriting it too.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not open.
unique_handle adopt_handle(unique_handle inherited, const std::string& what);

/// Duplicates a handle.
///
/// Errors: throws `boost::system::system_error` with `what`.
unique_handle duplicate(native_handle handle, bool for_children, const std::string& what);

/// Errors: throws `boost::system::system_error`.
std::uint64_t random_number();

/// "procpool-" and 32 random hexadecimal digits.
///
/// Errors: throws `boost::system::system_error`.
std::wstring random_name();

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_HANDLES_HPP
#define PROCPOOL_OS_WINDOWS_HANDLES_HPP

#include "os/native_handle.hpp"

#include <cstdint>
#include <string>

// Handles that children do not inherit unless they are told to, and names that nobody can guess.
namespace procpool::os {

/// Throws `boost::system::system_error` with the last error of this thread.
[[noreturn]] void throw_last_error(const std::string& what);

/// Owns what a system call returned.
///
/// Errors: throws `boost::system::system_error` with `what` if it is none.
unique_handle own_handle(native_handle handle, const std::string& what);

/// Takes over a handle that was inherited, and keeps what this process starts from inheriting it too.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not open.
unique_handle adopt_handle(unique_handle inherited, const std::string& what);

/// A second handle of the same thing.
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

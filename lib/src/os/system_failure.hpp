// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SYSTEM_FAILURE_HPP
#define PROCPOOL_OS_SYSTEM_FAILURE_HPP

#include <string>

// Turns a failed system call into an exception.
namespace procpool::os {

/// Throws `boost::system::system_error` with the system's own code; `what` says what could not be done.
[[noreturn]] void throw_system_failure(int code, const std::string& what);

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_DESCRIPTORS_HPP
#define PROCPOOL_OS_LINUX_DESCRIPTORS_HPP

#include "os/native_handle.hpp"

#include <string_view>

// Descriptors that stay clear of standard input, output and error.
namespace procpool::os {

/// Owns what a system call returned, moved to 3 or above and closed by exec. A host may have closed 0, 1 or 2
/// and later open its log there: a handle of the pool in that place would be overwritten, or written to.
///
/// Errors: throws `boost::system::system_error` with `what` if `descriptor` is -1 (from errno) or cannot be
/// moved. No text is made before something has failed, so no descriptor is lost for want of memory.
unique_handle own_descriptor(int descriptor, std::string_view what);

/// Takes over a descriptor that was inherited, and keeps what this process starts from inheriting it too.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not open.
unique_handle adopt_descriptor(unique_handle inherited, std::string_view what);

/// A second descriptor of the same thing, closed by exec.
unique_handle duplicate(int descriptor, std::string_view what);

} // namespace procpool::os

#endif

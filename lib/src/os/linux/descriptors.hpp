// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_DESCRIPTORS_HPP
#define PROCPOOL_OS_LINUX_DESCRIPTORS_HPP

#include "os/handles.hpp"

#include <string_view>

// Descriptors that do not take the numbers of standard input, output and error.
namespace procpool::os {

/// Owns the result of a system call, moved to 3 or above and closed by exec. A host may have closed 0, 1 or 2
/// and later open its log there: a handle of the pool with that number would be replaced, or written to.
///
/// Errors: throws `boost::system::system_error` with `what` if `descriptor` is -1 (from errno) or cannot be
///         moved. The text is made only after a failure, so that lack of memory loses no descriptor.
unique_handle own_descriptor(int descriptor, std::string_view what);

/// Takes over an inherited descriptor, and prevents processes that this one starts from inheriting it too.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not open.
unique_handle adopt_descriptor(unique_handle inherited, std::string_view what);

/// `openat`, begun again where a signal interrupts it: a file may lie in a file system that takes its time.
/// `mode`: of a file that is made.
unique_handle open_file(int folder, const char* path, int flags, unsigned mode = 0) noexcept;

/// Duplicates a descriptor; the new one is closed by exec.
unique_handle duplicate(int descriptor, std::string_view what);

} // namespace procpool::os

#endif

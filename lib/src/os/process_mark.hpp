// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_MARK_HPP
#define PROCPOOL_OS_PROCESS_MARK_HPP

#include <atomic>
#include <cstdint>

namespace procpool::os {

/// A word that distinguishes this process from copies made by fork() or by a system call of the program: it
/// is never 0 here, and 0 in every copy, which gets another mark on request. It lives as long as the process.
/// On Windows there are no copies.
///
/// Errors:        throws `boost::system::system_error` if there is no memory.
/// Thread safety: any thread; it takes no lock, which could be held in a copy.
const std::atomic<std::uint32_t>& process_mark();

} // namespace procpool::os

#endif

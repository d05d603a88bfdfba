// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_DESCENDANTS_HPP
#define PROCPOOL_OS_LINUX_DESCENDANTS_HPP

#include <sys/types.h>

namespace procpool::os {

/// Kills the children of a process, theirs, and so on, also where they are in another process group or
/// session. A process whose parent has ended is nobody's child any more, and not found.
///
/// Asks /proc, without allocating: the process itself may be out of memory, or of its senses. Where /proc
/// says nothing, nothing is done.
void kill_descendants(pid_t of) noexcept;

} // namespace procpool::os

#endif

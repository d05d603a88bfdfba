// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_INIT_HPP
#define PROCPOOL_INIT_HPP

#include <procpool/this_task.hpp>
#include <procpool/this_worker.hpp>

namespace procpool {

/// Serves tasks if this process is a worker. Call it as the first statement of main().
///
/// In the process that the user started, this function records the call and returns; a repeated call does
/// nothing more. In a process that a pool started, it serves tasks, then exits the process; it does not
/// return. So the rest of main(), atexit handlers and static destructors do not run in a worker.
///
/// A pool that is made before init() was called throws std::logic_error: otherwise each worker of such a
/// program would start workers of its own.
///
/// Thread safety: call it before other threads exist.
void init();

} // namespace procpool

#endif

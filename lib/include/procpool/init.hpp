// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_INIT_HPP
#define PROCPOOL_INIT_HPP

#include <procpool/this_task.hpp>
#include <procpool/this_worker.hpp>

namespace procpool {

/// The first statement of main().
///
/// In the process that the user started it notes that it was called, and returns. In a process that a pool
/// started it serves tasks and then ends the process: it never returns, and what main() does after it, atexit
/// handlers and static destructors do not happen in a worker.
///
/// A pool that is made before it was called throws std::logic_error, so a program that forgets it cannot
/// start itself again and again.
///
/// Thread safety: call it before there are other threads.
void init();

} // namespace procpool

#endif

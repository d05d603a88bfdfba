// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_FENCE_HPP
#define PROCPOOL_OS_PROCESS_FENCE_HPP

namespace procpool::os {

/// To be called before the first `process_fence`, which costs the system something to make possible: nothing
/// while the process has one thread, else Linux waits for all CPUs, some milliseconds. False: it is not.
bool prepare_process_fence() noexcept;

/// A full fence in every other thread of this process, wherever it is: of two threads that each write one
/// variable and then read the other's, the one that passes this in between sees what the other wrote, or is
/// seen, though the other does nothing but keep its compiler from changing the order. Requires:
/// `prepare_process_fence` said that there is one.
void process_fence() noexcept;

} // namespace procpool::os

#endif

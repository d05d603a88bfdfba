// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_FENCE_HPP
#define PROCPOOL_OS_PROCESS_FENCE_HPP

namespace procpool::os {

/// To be called before the first `process_fence`, which costs the system something to make possible: nothing
/// while the process has one thread, else Linux waits for all CPUs, some milliseconds. False: it is not.
bool prepare_process_fence() noexcept;

/// An asymmetric fence: a full fence in every other thread of this process. One thread stores x, passes this
/// and loads y; another stores y, passes a std::atomic_signal_fence and loads x: at least one of them sees
/// the other's store. False: there was no fence, since the system forbids it by now (a task may have
/// installed a filter of system calls) or has no memory for it.
///
/// Requires: `prepare_process_fence` has returned true.
[[nodiscard]] bool process_fence() noexcept;

} // namespace procpool::os

#endif

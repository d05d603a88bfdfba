// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_FENCE_HPP
#define PROCPOOL_OS_PROCESS_FENCE_HPP

namespace procpool::os {

/// Enables `process_fence`; call it before the first one. It costs nothing while the process has one thread;
/// otherwise Linux waits for all CPUs, some milliseconds. False: not possible.
bool prepare_process_fence() noexcept;

/// Asymmetric fence (membarrier): a full fence in every other thread of this process. Thread A: store x;
/// process_fence(); load y. Thread B: store y; std::atomic_signal_fence; load x. At least one of them sees
/// the other's store. False: there was no fence, because the system now forbids it (a task may have installed
/// a filter of system calls) or has no memory for it.
///
/// Requires: `prepare_process_fence` has returned true.
[[nodiscard]] bool process_fence() noexcept;

} // namespace procpool::os

#endif

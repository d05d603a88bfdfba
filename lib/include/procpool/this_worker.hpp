// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_THIS_WORKER_HPP
#define PROCPOOL_THIS_WORKER_HPP

#include <cstddef>
#include <cstdint>

/// Which worker this process is.
namespace procpool::this_worker {

/// Is this process a worker, one that a pool started?
bool active() noexcept;

/// Which of its pool's workers: 0 to processes - 1. A worker that replaces another has the same index.
///
/// Errors: throws std::logic_error in a process that is no worker.
std::size_t index();

/// How many processes of this index there were before: 0 in the first, 1 in its replacement, and so on.
///
/// Errors: throws std::logic_error in a process that is no worker.
std::uint64_t generation();

} // namespace procpool::this_worker

#endif

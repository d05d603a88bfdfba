// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_THIS_WORKER_HPP
#define PROCPOOL_THIS_WORKER_HPP

#include <cstddef>
#include <cstdint>

/// The worker that this process is.
namespace procpool::this_worker {

/// Returns whether this process is a worker, that is, was started by a pool.
bool active() noexcept;

/// Returns the index of this worker in its pool, from 0 to pool::size() - 1. A replacement has the same
/// index.
///
/// Errors: throws std::logic_error in a process that is not a worker.
std::size_t index();

/// Returns the number of processes that had this index before: 0 in the first, 1 in its replacement, and so
/// on.
///
/// Errors: throws std::logic_error in a process that is not a worker.
std::uint64_t generation();

} // namespace procpool::this_worker

#endif

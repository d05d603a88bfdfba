// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_INHERITED_HANDLE_HPP
#define PROCPOOL_OS_INHERITED_HANDLE_HPP

#include "os/native_handle.hpp"

#include <cstddef>
#include <cstdint>

namespace procpool::os {

/// In a worker: takes over the handle at `position` of `worker_start::handles`. Processes that the worker
/// starts do not inherit it. On Linux it gets a high number, so that low numbers are free for tasks.
///
/// Requires: called once for each position, in a process that `start_worker` started.
unique_handle inherited_handle(std::size_t position) noexcept;

/// Identifies the object to which a handle refers: equal for the same object in the parent and in the worker.
/// 0 if it is not open. On Windows, handles are identified by their numbers, which the parent has passed: the
/// result is always 1.
std::uint64_t handle_identity(native_handle handle) noexcept;

/// The identity of the handle at `position`.
std::uint64_t inherited_identity(std::size_t position) noexcept;

/// Whether the other end of the socket at `position` has been closed. Always false on Windows, where no
/// worker outlives the process that started it.
///
/// Requires: `inherited_handle` was not called for it.
bool inherited_peer_is_gone(std::size_t position) noexcept;

} // namespace procpool::os

#endif

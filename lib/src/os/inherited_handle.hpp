// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_INHERITED_HANDLE_HPP
#define PROCPOOL_OS_INHERITED_HANDLE_HPP

#include "os/native_handle.hpp"

#include <cstddef>

namespace procpool::os {

/// In a worker: takes over the handle at `position` of `worker_start::handles`. What the worker starts does
/// not inherit it.
///
/// Requires: called once for each position, in a process that `start_worker` started.
unique_handle inherited_handle(std::size_t position) noexcept;

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LINK_TASK_MODULES_HPP
#define PROCPOOL_LINK_TASK_MODULES_HPP

#include "channel/argument_memory.hpp"
#include "channel/layout.hpp"
#include "os/modules.hpp"

#include <procpool/detail/run/frame_context.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace procpool::pooling {

/// Finds the ids of tasks: module and offset, which are the same in a worker, independent of which modules it
/// has loaded and in which order.
///
/// Thread safety: under the pool's lock.
class task_modules {
  public:
    /// Requires: `arguments` lives as long as the object.
    explicit task_modules(channel::argument_memory& arguments);

    /// See channel::task_id.
    ///
    /// Errors:     throws codec_error if workers cannot find the task, and std::bad_alloc.
    /// Complexity: constant for tasks of the program; otherwise linear in the number of shared objects with
    ///             tasks.
    std::uint64_t id_of(detail::task_runner run) {
        const auto offset = reinterpret_cast<std::uintptr_t>(run) - program_base_;
        return offset < program_bytes_ ? channel::task_id(0, offset) : id_in_library(run);
    }

  private:
    std::uint64_t id_in_library(detail::task_runner run);

    channel::argument_memory* arguments_;
    std::uintptr_t program_base_ = 0;
    std::size_t program_bytes_ = 0;
    std::vector<os::loaded_module> libraries_; // number 1 is the first
};

} // namespace procpool::pooling

#endif

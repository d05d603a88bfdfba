// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_TASK_FINDER_HPP
#define PROCPOOL_WORKER_TASK_FINDER_HPP

#include "channel/argument_memory.hpp"
#include "os/modules.hpp"

#include <procpool/detail/run/frame_context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace procpool::serving {

/// Finds the function that a frame names in the modules of this process.
///
/// Thread safety: one thread.
class task_finder {
  public:
    /// Requires: `arguments` lives as long as the object.
    explicit task_finder(const channel::argument_view& arguments);

    /// Null: this process does not have the task; `why_not_found` returns the reason.
    detail::task_runner find(std::uint64_t task) {
        return task == last_ && last_found_ != nullptr ? last_found_ : find_another(task);
    }
    const std::string& why_not_found() const noexcept { return why_not_; }

  private:
    detail::task_runner find_another(std::uint64_t task);
    const os::loaded_module* find_module(std::uint32_t number);

    const channel::argument_view* arguments_;
    std::vector<std::optional<os::loaded_module>> modules_; // by number; nullopt: not searched, or not found
    std::uint64_t last_ = 0;
    detail::task_runner last_found_ = nullptr;
    std::string why_not_;
};

} // namespace procpool::serving

#endif

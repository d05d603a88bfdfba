// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_TASK_REGISTRY_HPP
#define PROCPOOL_WORKER_TASK_REGISTRY_HPP

#include <procpool/detail/frame_run.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace procpool::serving {

/// The tasks of this executable, in the order of their registration.
///
/// Thread safety: it only changes before main(), or while a library is loaded.
class task_registry {
  public:
    using runner = void (*)(detail::frame_run&);

    static task_registry& instance();

    std::uint32_t add(std::string_view type_name, runner run);

    /// Null if there is no such task.
    runner find(std::uint32_t index) const noexcept {
        return index < runners_.size() ? runners_[index] : nullptr;
    }
    std::size_t size() const noexcept { return runners_.size(); }
    /// Of all names in order. Equal in two processes: an index means the same task in both.
    std::uint64_t hash() const noexcept { return hash_; }

  private:
    std::vector<runner> runners_;
    std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325; // FNV-1a
};

} // namespace procpool::serving

#endif

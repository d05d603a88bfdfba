// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_HOME_PROCESS_HPP
#define PROCPOOL_DETAIL_HOME_PROCESS_HPP

#include <atomic>
#include <cstdint>

namespace procpool::detail {

/// The process that made something. A copy that fork() makes of it has the object too, but neither the
/// threads nor the workers behind it, and the locks as other threads held them at that moment.
class home_process {
  public:
    /// The process that calls it.
    /// Errors: throws boost::system::system_error if there is no memory.
    home_process();

    /// Is the calling process a copy? Costs a load.
    bool is_elsewhere() const noexcept { return mark_->load(std::memory_order_relaxed) == 0; }

    /// Errors: throws std::logic_error in a copy.
    void require_here() const {
        if (is_elsewhere()) [[unlikely]]
            throw_elsewhere();
    }

  private:
    [[noreturn]] static void throw_elsewhere();

    const std::atomic<std::uint32_t>* mark_; // 0 in copies
};

} // namespace procpool::detail

#endif

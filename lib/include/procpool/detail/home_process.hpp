// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_HOME_PROCESS_HPP
#define PROCPOOL_DETAIL_HOME_PROCESS_HPP

#include <atomic>
#include <cstdint>

namespace procpool::detail {

/// The process that made an object. A copy of the process that fork() makes has the object too, but has
/// neither its threads nor its workers, and its locks are in the state in which other threads held them at
/// that moment.
class home_process {
  public:
    /// Refers to the calling process.
    ///
    /// Errors: throws boost::system::system_error if there is no memory.
    home_process();

    /// Whether the calling process is a copy.
    ///
    /// Complexity: one load.
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

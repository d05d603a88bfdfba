// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_LOWEST_ERROR_HPP
#define PROCPOOL_DETAIL_RESULT_LOWEST_ERROR_HPP

#include <cstddef>
#include <exception>
#include <mutex>

namespace procpool::detail {

/// The error with the lowest index among the errors of many items.
///
/// Thread safety: `add` from any thread.
class lowest_error {
  public:
    void add(std::size_t item, const std::exception_ptr& why) noexcept {
        const std::lock_guard lock(mutex_);
        if (!error_ || item < item_) {
            item_ = item;
            error_ = why;
        }
    }

    /// Null if there was no error.
    ///
    /// Requires: all calls of `add` happened before.
    const std::exception_ptr& get() const noexcept { return error_; }

  private:
    std::mutex mutex_;
    std::size_t item_ = 0;
    std::exception_ptr error_;
};

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DELIVERY_LAST_ERRORS_HPP
#define PROCPOOL_DELIVERY_LAST_ERRORS_HPP

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace procpool::pooling {

/// The end of what a process has written to standard error. The thread that reads it and the threads that report
/// failures share it.
///
/// Thread safety: any thread.
class last_errors {
  public:
    static constexpr std::size_t max_bytes = 4096;

    /// Errors: throws std::bad_alloc.
    last_errors() { text_.reserve(max_bytes); }
    void add(std::string_view more) noexcept {
        const std::lock_guard held(mutex_);
        more.remove_prefix(more.size() - std::min(more.size(), max_bytes));
        if (text_.size() + more.size() > max_bytes)
            text_.erase(0, text_.size() + more.size() - max_bytes);
        text_.append(more); // there is room
    }
    /// Errors: throws std::bad_alloc.
    std::string text() const {
        const std::lock_guard held(mutex_);
        return text_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_;
};

} // namespace procpool::pooling

#endif

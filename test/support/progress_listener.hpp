// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROGRESS_LISTENER_HPP
#define PROCPOOL_TEST_PROGRESS_LISTENER_HPP

#include <procpool/progress.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace procpool::test {

/// Records the reported progress.
class progress_listener {
  public:
    std::function<void(const procpool::progress&)> function() {
        return [this](const procpool::progress& now) {
            const std::lock_guard lock(mutex_);
            told_.push_back(now);
            threads_.push_back(std::this_thread::get_id());
        };
    }
    std::vector<procpool::progress> told() const {
        const std::lock_guard lock(mutex_);
        return told_;
    }
    std::vector<std::thread::id> threads() const {
        const std::lock_guard lock(mutex_);
        return threads_;
    }
    /// Whether the end was reported once, and last.
    bool told_the_end(std::size_t items) const {
        const auto all = told();
        const auto is_end = [&](const procpool::progress& each) {
            return each.done == items && each.total == items;
        };
        return std::count_if(all.begin(), all.end(), is_end) == 1 && is_end(all.back());
    }

  private:
    mutable std::mutex mutex_;
    std::vector<procpool::progress> told_;
    std::vector<std::thread::id> threads_;
};

} // namespace procpool::test

#endif

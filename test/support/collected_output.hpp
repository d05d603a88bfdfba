// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_COLLECTED_OUTPUT_HPP
#define PROCPOOL_TEST_COLLECTED_OUTPUT_HPP

#include "support/eventually.hpp"

#include <procpool/worker_output.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace procpool::test {

/// The lines that on_output was called with.
class collected_output {
  public:
    using lines = std::vector<worker_output>;

    std::function<void(const worker_output&)> listener() {
        return [this](const worker_output& line) {
            const std::lock_guard held(mutex_);
            lines_.push_back(line);
            changed_.notify_all();
        };
    }
    lines all() const {
        const std::lock_guard held(mutex_);
        return lines_;
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const auto& each : all())
            out.push_back(each.text);
        return out;
    }
    bool has(std::string_view text) const {
        const auto seen = all();
        return std::any_of(seen.begin(), seen.end(), [&](const auto& each) { return each.text == text; });
    }
    /// False: this many lines have not come within the patience of a test.
    bool wait_for(std::size_t count) {
        std::unique_lock held(mutex_);
        return changed_.wait_for(held, patience, [&] { return lines_.size() >= count; });
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    lines lines_;
};

} // namespace procpool::test

#endif

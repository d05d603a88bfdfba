// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_REPORT_HPP
#define PROCPOOL_APPS_TOP_REPORT_HPP

#include "top/programs.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// What is said of programs: lines for people, or JSON for scripts.

namespace top {

enum class order { by_index, by_tasks, by_time };

/// The order that `name` stands for: index, tasks or time.
///
/// Errors: throws std::invalid_argument.
order order_named(const std::string& name);

/// What pools did between two looks at them.
class rates {
  public:
    /// The items that have ended in a second: since the last call for this pool, or, for the first, since the pool
    /// was made.
    double of(long pid, const pool_view& pool, std::chrono::nanoseconds now);

  private:
    struct look {
        std::chrono::nanoseconds when{0};
        std::uint64_t ended = 0;
        double rate = 0;
    };
    std::map<std::pair<long, std::uint64_t>, look> looks_;
};

std::vector<std::string> lines_of(const std::vector<program_view>& programs, rates& since, order by,
                                  std::chrono::nanoseconds now);

/// One object, which docs/guide.md describes, and a line's end.
std::string json_of(const std::vector<program_view>& programs);

/// In the unit that fits: "1.5 ms".
std::string short_time(std::chrono::nanoseconds time);

} // namespace top

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_SCHEDULES_HPP
#define PROCPOOL_BENCH_SCHEDULES_HPP

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

// How long tasks of known durations take on a number of workers, if nothing else takes time.
namespace bench {

/// Each task is started, in this order, by the first idle worker.
inline double time_in_order(const std::vector<double>& lengths, std::size_t workers) {
    std::vector<double> busy_until(workers, 0.0);
    for (const double length : lengths) {
        const auto first = std::min_element(busy_until.begin(), busy_until.end());
        *first += length;
    }
    return *std::max_element(busy_until.begin(), busy_until.end());
}

/// The best simple schedule if all durations are known beforehand.
inline double longest_first_bound(std::vector<double> lengths, std::size_t workers) {
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
    return time_in_order(lengths, workers);
}

} // namespace bench

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_STATISTICS_HPP
#define PROCPOOL_BENCH_STATISTICS_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

// What is said of several measurements of the same thing.
namespace bench {

using samples = std::vector<double>;

/// The value below which a part of the samples lies; 0.5: the median.
///
/// Requires:   not empty; `part` from 0 to 1.
inline double quantile(samples values, double part) {
    std::sort(values.begin(), values.end());
    const double at = part * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double rest = at - static_cast<double>(below);
    const double next = values[std::min(below + 1, values.size() - 1)];
    return values[below] + rest * (next - values[below]);
}

inline double median(const samples& values) {
    return quantile(values, 0.5);
}

/// Of each round.
struct percentiles {
    samples p50;
    samples p99;

    void add(const samples& times) {
        p50.push_back(quantile(times, 0.5));
        p99.push_back(quantile(times, 0.99));
    }
};

/// Each of `values` by the one of the same round.
///
/// Requires:   as many of both.
inline samples ratios(const samples& values, const samples& to) {
    samples out;
    for (std::size_t round = 0; round != values.size(); ++round)
        out.push_back(values[round] / to[round]);
    return out;
}

} // namespace bench

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_ROW_HPP
#define PROCPOOL_BENCH_ROW_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// One comparison: the samples of both sides, and the aim. The tables are made from these numbers.
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

/// What a figure is to be.
struct aim {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    bool stated = true; // false: the figure is reported, and may be what it is

    bool is_met_by(double value) const { return least <= value && value <= most; }
};

inline aim at_least(double value) {
    return {.least = value};
}
inline aim at_most(double value) {
    return {.most = value};
}
inline aim report_only() {
    return {.stated = false};
}

enum class unit { per_second, seconds, bytes_per_second, bytes, plain };

struct row {
    std::size_t line = 0; // of the table of aims; set by the program that runs the line
    std::string work{};
    std::string other = "nothing"; // the alternative
    bench::unit unit = bench::unit::plain;
    samples ours{};                  // one per round
    std::optional<samples> theirs{}; // likewise; nullopt: the aim is for `ours`; empty: could not be measured
    aim goal{};
    std::string note{};

    bool is_measured() const { return !ours.empty() && !(theirs && theirs->empty()); }
    /// The figure that the aim is for. Requires: is_measured().
    samples figures() const { return theirs ? ratios(ours, *theirs) : ours; }
    /// Nullopt: there is no aim, or nothing was measured.
    std::optional<bool> is_met() const {
        if (!goal.stated || !is_measured())
            return std::nullopt;
        return goal.is_met_by(median(figures()));
    }
};

} // namespace bench

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_ROW_HPP
#define PROCPOOL_BENCH_ROW_HPP

#include "bench/support/aim.hpp"
#include "bench/support/statistics.hpp"

#include <optional>
#include <string>

// One comparison: plain numbers that the tables are made from.
namespace bench {

enum class unit { per_second, seconds, bytes_per_second, bytes, plain };

struct row {
    int line = 0; // of the table of aims; set by whoever runs the line
    std::string work{};
    std::string other = "nothing"; // what it is compared with
    bench::unit unit = bench::unit::plain;
    samples ours{};                  // one of each round
    std::optional<samples> theirs{}; // likewise; none: the aim is for `ours`; empty: could not be measured
    aim goal{};
    std::string note{};

    bool is_measured() const { return !ours.empty() && !(theirs && theirs->empty()); }
    /// What the aim is for. Requires: is_measured().
    samples figures() const { return theirs ? ratios(ours, *theirs) : ours; }
    /// None: there is no aim, or nothing was measured.
    std::optional<bool> is_met() const {
        if (!goal.stated || !is_measured())
            return std::nullopt;
        return goal.is_met_by(median(figures()));
    }
};

} // namespace bench

#endif

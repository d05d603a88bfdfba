// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_AIM_HPP
#define PROCPOOL_BENCH_AIM_HPP

#include <limits>

// What a figure is to be.
namespace bench {

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

} // namespace bench

#endif

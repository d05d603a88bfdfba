// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_TIMING_HPP
#define PROCPOOL_BENCH_TIMING_HPP

#include "bench/support/statistics.hpp"

#include <chrono>
#include <cstddef>

namespace bench {

using steady = std::chrono::steady_clock;

inline double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

template <class Work>
double seconds_of(Work work) {
    const auto start = steady::now();
    work();
    return seconds_since(start);
}

/// The times of `count` calls, each by itself; `before` each of them something that does not count.
template <class Call, class Before>
samples times_of_each(std::size_t count, Call call, Before before) {
    samples out(count);
    for (double& each : out) {
        before();
        each = seconds_of(call);
    }
    return out;
}
template <class Call>
samples times_of_each(std::size_t count, Call call) {
    return times_of_each(count, call, [] {});
}

} // namespace bench

#endif

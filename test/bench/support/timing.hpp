// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_TIMING_HPP
#define PROCPOOL_BENCH_TIMING_HPP

#include "bench/support/row.hpp"
#include "common/stopwatch.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace bench {

using apps::stopwatch;

template <class Work>
double seconds_of(Work work) {
    const stopwatch time;
    work();
    return time.seconds();
}

/// The duration of each of `count` calls; the time of `before`, which precedes each call, is not included.
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

/// Has every side measured once a round, each round beginning with another one: what else goes on in the
/// machine, and how warm it is, then meets all of them alike.
inline void alternate(unsigned rounds, const std::vector<std::function<void()>>& sides) {
    for (unsigned round = 0; round != rounds; ++round)
        for (std::size_t turn = 0; turn != sides.size(); ++turn)
            sides[(turn + round) % sides.size()]();
}

} // namespace bench

#endif

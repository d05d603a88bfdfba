// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_POOL_FACTS_HPP
#define PROCPOOL_TEST_POOL_FACTS_HPP

#include "support/eventually.hpp"

#include <procpool/pool.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

// What tests read about a pool's workers.
namespace procpool::test {

/// The process numbers in the order of the indices; 0: no process.
inline std::vector<long> pids_of(const pool& of) {
    std::vector<long> out;
    for (const auto& each : of.workers())
        out.push_back(each.pid.value_or(0));
    return out;
}

/// Waits until every index has a process again, and `index` has another one than `old`.
inline bool is_replaced(const pool& of, std::size_t index, long old) {
    return eventually([&] {
        const auto pids = pids_of(of);
        return pids[index] != old && std::count(pids.begin(), pids.end(), 0) == 0;
    });
}

} // namespace procpool::test

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SHARED_ARRAYS_HPP
#define PROCPOOL_TEST_SHARED_ARRAYS_HPP

#include "support/eventually.hpp"
#include "support/process_control.hpp"
#include "support/shared_segments.hpp"

#include <procpool/shared_array.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

// Arrays for tests, and checks whether their memory still exists.
namespace procpool::test {

using ints = shared_array<int>;

/// from, from + 1, ...
inline ints counted(std::size_t size, int from = 1) {
    ints out(size);
    std::iota(out.span().begin(), out.span().end(), from);
    return out;
}

inline int sum_of(const ints& array) {
    const auto all = array.span();
    return std::accumulate(all.begin(), all.end(), 0);
}

/// A thousand elements, of which the last is 7.
inline ints seven() {
    ints out(1000);
    out.data()[999] = 7;
    return out;
}

/// Arrays that this process holds until it ends.
inline std::vector<ints>& held() {
    static std::vector<ints> arrays;
    return arrays;
}

/// Whether there is an array that this process, or one of the workers, has made.
inline bool arrays_are_left(std::vector<long> workers = {}) {
    workers.push_back(own_pid());
    return std::any_of(workers.begin(), workers.end(), [](long pid) { return !segments_of(pid).empty(); });
}
inline bool arrays_go(const std::vector<long>& workers = {}) {
    return eventually([&] { return !arrays_are_left(workers); });
}

} // namespace procpool::test

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"

#include <algorithm>

namespace bench {
namespace {

std::vector<line>& registry() {
    static std::vector<line> lines;
    return lines;
}

} // namespace

const std::vector<line>& all_lines() {
    return registry();
}

registered_line::registered_line(const line& what) {
    const auto place = std::upper_bound(registry().begin(), registry().end(), what,
                                        [](const line& a, const line& b) { return a.number < b.number; });
    registry().insert(place, what);
}

} // namespace bench

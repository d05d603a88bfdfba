// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_CHECK_HPP
#define PROCPOOL_APPS_CHECK_HPP

// No benchmark counts whose results are wrong.

#include "common/numbers.hpp"

#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace apps {

/// Compares what a pool of `processes` gave with what the serial run gave.
///
/// Errors:     throws std::runtime_error that names the first difference.
template <class Result>
void check(const std::vector<Result>& expected, const std::vector<Result>& results, std::size_t processes) {
    std::ostringstream wrong;
    wrong << "wrong result: with " << counted(processes, "process", "processes");
    if (results.size() != expected.size()) {
        wrong << " there are " << results.size() << " results, not " << expected.size();
        throw std::runtime_error(wrong.str());
    }
    for (std::size_t index = 0; index < expected.size(); ++index) {
        if (results[index] == expected[index])
            continue;
        wrong << ", call " << index << " gave " << results[index] << ", not " << expected[index];
        throw std::runtime_error(wrong.str());
    }
}

} // namespace apps

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_CHECK_HPP
#define PROCPOOL_APPS_CHECK_HPP

// No measurement counts if its results are wrong.

#include "common/text.hpp"

#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace apps {

/// Errors:     throws std::runtime_error: "wrong result: WHAT IS GOT, not EXPECTED".
template <class Got, class Expected>
void require_equal(const Got& got, const Expected& expected, const std::string& what, const char* is = "is") {
    if (got == expected)
        return;
    std::ostringstream wrong;
    wrong << "wrong result: " << what << ' ' << is << ' ' << got << ", not " << expected;
    throw std::runtime_error(wrong.str());
}

/// Compares the results of a pool of `processes` with the results of the serial run.
///
/// Errors:     throws std::runtime_error that names the first difference.
template <class Result>
void check(const std::vector<Result>& expected, const std::vector<Result>& results, std::size_t processes) {
    const std::string pool = "with " + counted(processes, "process", "processes");
    if (results.size() != expected.size())
        throw std::runtime_error("wrong result: " + pool + " there are " + std::to_string(results.size()) +
                                 " results, not " + std::to_string(expected.size()));
    for (std::size_t index = 0; index < expected.size(); ++index)
        if (!(results[index] == expected[index]))
            require_equal(results[index], expected[index], pool + ", call " + std::to_string(index), "gave");
}

} // namespace apps

#endif

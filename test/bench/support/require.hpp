// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_REQUIRE_HPP
#define PROCPOOL_BENCH_REQUIRE_HPP

#include <sstream>
#include <stdexcept>
#include <string>

namespace bench {

/// No measurement counts whose results are wrong.
///
/// Errors:     throws std::runtime_error.
template <class T, class U>
void require_equal(const T& got, const U& expected, const std::string& what) {
    if (got == expected)
        return;
    std::ostringstream text;
    text << "wrong result: " << what << " is " << got << ", not " << expected;
    throw std::runtime_error(text.str());
}

} // namespace bench

#endif

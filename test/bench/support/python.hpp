// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_PYTHON_HPP
#define PROCPOOL_BENCH_PYTHON_HPP

#include <optional>
#include <string>

namespace bench {

/// Runs a measurement of python_pool.py, and returns the printed number of seconds. Nullopt: there is no
/// python3 here.
///
/// Errors:     throws std::runtime_error if it fails.
std::optional<double> python_seconds(const std::string& arguments);

inline constexpr const char* no_python = "no python3 here";

} // namespace bench

#endif

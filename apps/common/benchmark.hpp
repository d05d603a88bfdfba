// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_BENCHMARK_HPP
#define PROCPOOL_APPS_BENCHMARK_HPP

// From the command line to the exit status.

#include "common/command_line.hpp"
#include "common/report.hpp"

#include <functional>

namespace apps {

/// Reads the command line, has `measure` do the work, prints the table and draws the plot. To be returned
/// from main().
///
/// 0: done, and every result right; 1: not so, and one line on standard error says why; 2: the command line
/// is at fault.
int run_benchmark(int argc, const char* const* argv, command_line& line,
                  const std::function<report(const settings&)>& measure);

} // namespace apps

#endif

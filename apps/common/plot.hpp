// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_PLOT_HPP
#define PROCPOOL_APPS_PLOT_HPP

// A report as a chart, drawn by gnuplot.

#include "common/report.hpp"

#include <string>

namespace apps {

/// Draws into `file`, whose suffix, .svg or .png, says how.
///
/// Errors:     throws std::runtime_error, with one line of text, where gnuplot is missing or fails.
void plot(const report& measured, const std::string& file);

/// What gnuplot is told.
std::string plot_script(const report& measured, const std::string& file);

} // namespace apps

#endif

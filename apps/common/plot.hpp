// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_PLOT_HPP
#define PROCPOOL_APPS_PLOT_HPP

// Charts, drawn by gnuplot: what all scripts need, and the chart of a report.

#include "common/report.hpp"

#include <cstddef>
#include <string>

namespace apps {

/// Text as a script has it.
std::string quoted(const std::string& text);

/// The start of a script that draws into `file`, whose suffix, .svg or .png, says how; `height` is in pixels.
std::string start_of_script(const std::string& file, const std::string& title, std::size_t height);

/// Lets gnuplot run a script, which draws `file`.
///
/// Errors:     throws std::runtime_error, with one line of text, where gnuplot is missing or fails.
void draw(const std::string& script, const std::string& file);

/// Draws a report into `file`; errors are those of draw().
void plot(const report& measured, const std::string& file);

/// The gnuplot script.
std::string plot_script(const report& measured, const std::string& file);

} // namespace apps

#endif

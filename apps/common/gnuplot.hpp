// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef APPS_COMMON_GNUPLOT_HPP
#define APPS_COMMON_GNUPLOT_HPP

#include <string>

namespace apps {

/// Text as a script has it.
std::string quoted(const std::string& text);

/// Lets gnuplot run a script, which draws `file`.
///
/// Errors:     throws std::runtime_error, with one line of text, where gnuplot is missing or fails.
void draw(const std::string& script, const std::string& file);

} // namespace apps

#endif

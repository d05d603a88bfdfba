// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TEXT_HPP
#define PROCPOOL_APPS_TEXT_HPP

// Numbers and tables as text.

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace apps {

/// `value` with this many digits after the point.
std::string fixed(double value, int digits);

/// A duration with three significant digits, without its unit: "12.3", "1.23", "0.012".
std::string seconds(double value);

/// A ratio as a percentage, "93 %".
std::string percent(double ratio);

/// "1 process", "4 processes".
std::string counted(std::size_t count, const std::string& singular, const std::string& plural);

using cells = std::vector<std::string>;
enum class align { left, right };

/// Writes a table in columns as wide as their widest cells, of UTF-8: as Markdown, or with blanks between the columns.
///
/// Requires:   a heading in the first line; as many cells in each line.
void print_columns(std::ostream& out, const std::vector<cells>& lines, align to, bool markdown);

} // namespace apps

#endif

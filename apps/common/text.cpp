// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/text.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace apps {
namespace {

/// Characters, some of which have several bytes.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (byte & 0xc0) != 0x80; }));
}

} // namespace

std::string fixed(double value, int digits) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

std::string seconds(double value) {
    return fixed(value, value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
}

std::string percent(double ratio) {
    return fixed(100 * ratio, 0) + " %";
}

std::string counted(std::size_t count, const std::string& singular, const std::string& plural) {
    return std::to_string(count) + ' ' + (count == 1 ? singular : plural);
}

void print_columns(std::ostream& out, const std::vector<cells>& lines, align to, bool markdown) {
    std::vector<std::size_t> widths(lines.front().size());
    for (const cells& line : lines)
        for (std::size_t column = 0; column != widths.size(); ++column)
            widths[column] = std::max(widths[column], width(line[column]));
    // Markdown has a bar on both sides of each cell.
    const char* const start = markdown ? "|" : "";
    const char* const between = markdown ? "|" : "  ";
    const char* const end = markdown ? "|\n" : "\n";
    for (const cells& line : lines) {
        for (std::size_t column = 0; column != widths.size(); ++column) {
            const std::string blanks(widths[column] - width(line[column]), ' ');
            const std::string cell = to == align::right ? blanks + line[column] : line[column] + blanks;
            out << (column == 0 ? start : between) << (markdown ? ' ' + cell + ' ' : cell);
        }
        out << end;
        if (&line != &lines.front())
            continue;
        for (std::size_t column = 0; column != widths.size(); ++column)
            out << (column == 0 ? start : between) << std::string(widths[column] + (markdown ? 1 : 0), '-')
                << (!markdown            ? ""
                    : to == align::right ? ":"
                                         : "-");
        out << end;
    }
}

} // namespace apps

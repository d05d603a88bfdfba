// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <utility>

namespace bench {
namespace {

std::string three_digits(double value) {
    std::array<char, 32> text{};
    int digits = std::abs(value) >= 100 ? 0 : std::abs(value) >= 10 ? 1 : 2;
    if (value != 0 && std::abs(value) < 0.1) // whatever comes behind the noughts
        digits = 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
    std::snprintf(text.data(), text.size(), "%.*f", value == 0 ? 0 : digits, value);
    return text.data();
}

std::string scaled(double value, double step, std::initializer_list<const char*> names) {
    auto name = names.begin();
    while (std::abs(value) >= step && name + 1 != names.end()) {
        value /= step;
        ++name;
    }
    return three_digits(value) + ' ' + *name;
}

/// A figure that an aim is for: a ratio, or what was measured itself.
std::string figure(double value, const row& of) {
    return of.theirs ? three_digits(value) + "×" : readable(value, of.unit);
}

std::string aim_text(const row& of) {
    if (!of.goal.stated)
        return "report";
    if (std::isfinite(of.goal.least))
        return "≥ " + figure(of.goal.least, of);
    return "≤ " + figure(of.goal.most, of);
}

std::string verdict(const row& of) {
    if (!of.is_measured())
        return "not measured: " + of.note;
    const auto met = of.is_met();
    const std::string answer = !met ? "" : *met ? "yes" : "**no**";
    if (of.note.empty())
        return answer;
    return answer.empty() ? of.note : answer + "; " + of.note;
}

/// Characters, of which some are several bytes.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

constexpr std::size_t columns = 9;
using cells = std::array<std::string, columns>;

cells cells_of(const row& of) {
    cells out{std::to_string(of.line), of.work, of.other, "", "", "", "", aim_text(of), verdict(of)};
    if (!of.ours.empty())
        out[3] = readable(median(of.ours), of.unit);
    if (of.theirs && !of.theirs->empty())
        out[4] = readable(median(*of.theirs), of.unit);
    if (of.is_measured()) {
        const samples values = of.figures();
        out[5] = figure(median(values), of);
        out[6] = figure(quantile(values, 0), of) + " – " + figure(quantile(values, 1), of);
    }
    return out;
}

} // namespace

std::string readable(double value, unit of) {
    switch (of) {
    case unit::per_second:
        return scaled(value, 1000, {"/s", "k/s", "M/s", "G/s"});
    case unit::seconds:
        return scaled(value * 1e9, 1000, {"ns", "µs", "ms", "s"});
    case unit::bytes_per_second:
        return scaled(value, 1000, {"B/s", "kB/s", "MB/s", "GB/s"});
    case unit::bytes:
        return scaled(value, 1024, {"B", "KiB", "MiB", "GiB"});
    case unit::plain:
        return three_digits(value);
    }
    return "";
}

void print_markdown(std::ostream& out, const report& measured) {
    const machine& where = measured.where;
    out << "Measured on " << where.processor << ", " << where.cpus << " CPUs; " << where.system << "; "
        << where.compiler << ", " << where.flags << "; load " << three_digits(measured.load_before)
        << " before and " << three_digits(measured.load_after) << " after; medians of " << measured.rounds
        << ", with the least and the most.\n\n";

    std::vector<cells> lines{
        {"#", "work", "compared with", "procpool", "the other", "ratio", "spread", "aim", "met"}};
    for (const row& each : measured.rows)
        lines.push_back(cells_of(each));
    std::array<std::size_t, columns> widths{};
    for (const cells& line : lines)
        for (std::size_t column = 0; column != columns; ++column)
            widths[column] = std::max(widths[column], width(line[column]));
    for (const cells& line : lines) {
        for (std::size_t column = 0; column != columns; ++column)
            out << "| " << line[column] << std::string(widths[column] - width(line[column]) + 1, ' ');
        out << "|\n";
        if (&line == &lines.front()) {
            for (const std::size_t each : widths)
                out << '|' << std::string(each + 2, '-');
            out << "|\n";
        }
    }
}

} // namespace bench

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/charts.hpp"

#include "common/plot.hpp"

#include <algorithm>
#include <sstream>

namespace bench {
namespace {

constexpr int ours = 0x1f6fb2;
constexpr int others = 0xb8b8b8;

/// Bars for one kind of work in the rows of a line: one for procpool, and one for each other side.
chart chart_of(const report& measured, std::size_t line, const std::string& work) {
    chart out;
    for (const row& each : measured.rows) {
        if (each.line != line || each.work != work || !each.is_measured() || !each.theirs)
            continue;
        if (out.bars.empty()) {
            out.unit = each.unit;
            out.bars.emplace_back("procpool", median(each.ours));
        }
        out.bars.emplace_back(each.other, median(*each.theirs));
    }
    return out;
}

} // namespace

std::vector<chart> charts_of(const report& measured) {
    std::vector<chart> out;
    const auto add = [&](std::size_t line, const std::string& work, const char* name, const char* title) {
        auto made = chart_of(measured, line, work);
        if (made.bars.empty())
            return;
        made.name = name;
        made.title = title;
        out.push_back(std::move(made));
    };
    add(1, "apply_async, 1 worker", "calls", "Calls a second, one worker (logarithmic; more is better)");
    add(2, "apply, p50", "round_trip", "From call to result, median (logarithmic; less is better)");
    add(4, "map of 10000000 ints", "map",
        "Items of a map a second, a trivial function (logarithmic; more is better)");
    return out;
}

std::string chart_script(const chart& of, const std::string& file) {
    double least = of.bars.front().second;
    double most = least;
    for (const auto& [who, value] : of.bars) {
        least = std::min(least, value);
        most = std::max(most, value);
    }
    std::ostringstream out;
    out << "$bars << END\n";
    for (std::size_t i = 0; i != of.bars.size(); ++i)
        out << of.bars.size() - i << ' ' << of.bars[i].second << ' ' << (i == 0 ? ours : others) << '\n';
    out << "END\n"
        << apps::start_of_script(file, of.title, 110 + 50 * of.bars.size()) << "unset key\n"
        << "unset xtics\n"
        << "set border 2\n"
        // A logarithmic axis: some values are thousands of times others.
        << "set logscale x\n"
        << "set xrange [" << least / 3 << ':' << most * 4 << "]\n"
        << "set yrange [0.3:" << of.bars.size() << ".7]\n"
        << "set style fill solid\n"
        << "set ytics nomirror noenhanced (";
    for (std::size_t i = 0; i != of.bars.size(); ++i)
        out << (i == 0 ? "" : ", ") << apps::quoted(of.bars[i].first) << ' ' << of.bars.size() - i;
    out << ")\n";
    for (std::size_t i = 0; i != of.bars.size(); ++i)
        out << "set label " << apps::quoted(readable(of.bars[i].second, of.unit)) << " at first "
            << of.bars[i].second * 1.1 << ", first " << of.bars.size() - i << " left\n";
    out << "plot $bars using (" << least / 3 << "):1:(" << least / 3
        << "):2:($1-0.35):($1+0.35):3 with boxxyerror linecolor rgb variable\n";
    return out.str();
}

void draw_charts(const std::vector<chart>& all, const std::string& folder) {
    for (const chart& each : all) {
        const std::string file = folder + '/' + each.name + ".svg";
        apps::draw(chart_script(each, file), file);
    }
}

} // namespace bench

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"

#include "bench/support/charts.hpp"
#include "bench/support/table.hpp"
#include "common/command_line.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

/// In the order of their numbers.
std::vector<line>& all_lines() {
    static std::vector<line> lines;
    return lines;
}

void list() {
    for (const line& each : all_lines())
        std::cout << each.number << "  " << each.name << ": " << each.work << '\n';
}

/// All lines, if there is no number.
std::vector<line> lines_of(const std::vector<std::size_t>& numbers) {
    if (numbers.empty())
        return all_lines();
    std::vector<line> out;
    for (const std::size_t number : numbers) {
        const auto found = std::ranges::find(all_lines(), number, &line::number);
        if (found == all_lines().end())
            throw apps::usage_error("there is no line " + std::to_string(number) + "; --list shows them");
        out.push_back(*found);
    }
    return out;
}

report measure(const std::vector<line>& lines, const settings& how) {
    report measured{.where = this_machine(), .rounds = how.rounds, .load_before = load_now()};
    for (const line& line : lines) {
        std::cerr << line.number << "  " << line.name << ": " << line.work << std::endl;
        for (row& row : line.measure(how)) {
            row.line = line.number;
            measured.rows.push_back(std::move(row));
        }
    }
    measured.load_after = load_now();
    return measured;
}

void write_json(const std::string& path, const report& measured) {
    std::ofstream file(path);
    print_json(file, measured);
    if (!file.flush())
        throw std::runtime_error("cannot write " + path);
}

} // namespace

registered_line::registered_line(const line& what) {
    all_lines().insert(std::ranges::upper_bound(all_lines(), what.number, {}, &line::number), what);
}

int measure_lines(int argc, const char* const* argv) {
    settings how;
    std::vector<std::size_t> numbers;
    std::string json;
    std::string charts;
    apps::command_line program(std::filesystem::path{argv[0]}.filename(),
                               "Measures procpool against others, side by side, and prints a table.");
    program.add_answer("list", "say which lines there are, and end", list);
    program.add_list("line", numbers, 1000, "line", "which lines, \"1 2 4\" or \"1,2,4\" (all)");
    program.add("rounds", how.rounds, 1, 1000, "how often each side is measured");
    program.add_flag("quick", how.quick,
                     "a moment of everything: shows that results are right, and says nothing of time");
    program.add_text("json", "write everything to this file, too",
                     [&](const std::string& path) { json = path; });
    program.add_text("charts", "draw the first of the lines in this folder, as SVG files",
                     [&](const std::string& path) { charts = path; });
    return program.run(argc, argv, [&] {
        const report measured = measure(lines_of(numbers), how);
        print_markdown(std::cout, measured);
        if (!json.empty())
            write_json(json, measured);
        if (!charts.empty())
            draw_charts(charts_of(measured), charts);
    });
}

} // namespace bench

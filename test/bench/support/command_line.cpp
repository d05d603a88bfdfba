// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/command_line.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <iostream>

namespace bench {
namespace {

namespace po = boost::program_options;

std::vector<line> chosen_lines(const std::vector<int>& numbers) {
    std::vector<line> out;
    for (const line& each : all_lines())
        if (numbers.empty() || std::find(numbers.begin(), numbers.end(), each.number) != numbers.end())
            out.push_back(each);
    for (const int number : numbers)
        if (std::none_of(out.begin(), out.end(), [&](const line& each) { return each.number == number; }))
            throw usage_error("there is no line " + std::to_string(number) + "; --list shows them");
    return out;
}

void list() {
    for (const line& each : all_lines())
        std::cout << each.number << "  " << each.name << ": " << each.work << '\n';
}

} // namespace

std::optional<choice> parse(int argc, const char* const* argv) {
    choice chosen;
    std::vector<int> numbers;
    std::string json;
    std::string charts;
    po::options_description options("Options");
    options.add_options()("help", "say this and end")("list", "say which lines there are, and end");
    options.add_options()("line", po::value(&numbers)->multitoken()->value_name("N..."), "which lines (all)");
    options.add_options()("rounds", po::value(&chosen.how.rounds)->value_name("N"),
                          "how often each side is measured (5)");
    options.add_options()("quick", po::bool_switch(&chosen.how.quick),
                          "a moment of everything: shows that results are right, and says nothing of time");
    options.add_options()("json", po::value(&json)->value_name("FILE"), "write everything to this file, too");
    options.add_options()("charts", po::value(&charts)->value_name("FOLDER"),
                          "draw the first of the lines in this folder, as SVG files");
    try {
        po::variables_map values;
        po::store(po::command_line_parser(argc, argv)
                      .options(options)
                      .positional(po::positional_options_description())
                      .run(),
                  values);
        if (values.contains("help")) {
            std::cout << "Measures procpool against others, side by side, and prints a table.\n\n" << options;
            return std::nullopt;
        }
        if (values.contains("list")) {
            list();
            return std::nullopt;
        }
        po::notify(values);
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
    if (chosen.how.rounds == 0 || chosen.how.rounds > 1000)
        throw usage_error("--rounds takes a number from 1 to 1000");
    if (!json.empty())
        chosen.json = json;
    if (!charts.empty())
        chosen.charts = charts;
    chosen.lines = chosen_lines(numbers);
    return chosen;
}

} // namespace bench

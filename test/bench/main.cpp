// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Measures the lines that it is linked from (support/line.hpp), and prints a table of them.

#include "bench/support/bare_process.hpp"
#include "bench/support/charts.hpp"
#include "bench/support/command_line.hpp"
#include "bench/support/table.hpp"

#include <procpool/init.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

bench::report measure(const bench::choice& chosen) {
    bench::report measured{
        .where = bench::this_machine(), .rounds = chosen.how.rounds, .load_before = bench::load_now()};
    for (const bench::line& line : chosen.lines) {
        std::cerr << line.number << "  " << line.name << ": " << line.work << std::endl;
        for (bench::row& row : line.measure(chosen.how)) {
            row.line = line.number;
            measured.rows.push_back(std::move(row));
        }
    }
    measured.load_after = bench::load_now();
    return measured;
}

void write_json(const std::string& path, const bench::report& measured) {
    std::ofstream file(path);
    bench::print_json(file, measured);
    if (!file.flush())
        throw std::runtime_error("cannot write " + path);
}

} // namespace

int main(int argc, char** argv) {
    procpool::init();
    if (const auto status = bench::play_bare_process(argc, argv))
        return *status;
    try {
        const auto chosen = bench::parse(argc, argv);
        if (!chosen)
            return 0;
        const bench::report measured = measure(*chosen);
        bench::print_markdown(std::cout, measured);
        if (chosen->json)
            write_json(*chosen->json, measured);
        if (chosen->charts)
            bench::draw_charts(bench::charts_of(measured), *chosen->charts);
        return 0;
    } catch (const bench::usage_error& error) {
        std::cerr << argv[0] << ": " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << argv[0] << ": " << error.what() << '\n';
        return 1;
    }
}

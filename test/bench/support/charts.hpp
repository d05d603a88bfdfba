// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_CHARTS_HPP
#define PROCPOOL_BENCH_CHARTS_HPP

#include "bench/support/table.hpp"

#include <string>
#include <utility>
#include <vector>

// The charts for the first page of the results.
namespace bench {

/// Values of one kind side by side; the first is procpool's.
struct chart {
    std::string name{}; // of the file, without its suffix
    std::string title{};
    bench::unit unit = bench::unit::plain;
    std::vector<std::pair<std::string, double>> bars{};
};

/// Calls per second, and round trips, beside those of other libraries, as far as they were measured.
std::vector<chart> charts_of(const report& measured);

/// The gnuplot script for an SVG file.
std::string chart_script(const chart& of, const std::string& file);

/// Draws each chart in a folder.
/// Errors: std::runtime_error, with one line of text, where gnuplot is missing or fails.
void draw_charts(const std::vector<chart>& all, const std::string& folder);

} // namespace bench

#endif

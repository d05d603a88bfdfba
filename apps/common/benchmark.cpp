// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/benchmark.hpp"

#include "common/plot.hpp"

#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace apps {
namespace {

table_format parse_format(const std::string& text) {
    constexpr std::pair<std::string_view, table_format> formats[]{{"table", table_format::table},
                                                                  {"markdown", table_format::markdown},
                                                                  {"csv", table_format::csv},
                                                                  {"json", table_format::json}};
    for (const auto& [name, format] : formats)
        if (text == name)
            return format;
    throw usage_error("--format takes table, markdown, csv or json, not '" + text + "'");
}

std::string parse_plot(const std::string& text) {
    const std::filesystem::path path(text);
    if (path.extension() != ".svg" && path.extension() != ".png")
        throw usage_error("--plot takes a file that ends in .svg or .png, not '" + text + "'");
    std::error_code failure;
    if (path.has_parent_path() && !std::filesystem::is_directory(path.parent_path(), failure))
        throw usage_error("--plot: there is no directory '" + path.parent_path().string() + "'");
    return text;
}

} // namespace

benchmark::benchmark(std::string app, std::string purpose, settings defaults)
    : command_line(std::move(app), std::move(purpose))
    , settings_(std::move(defaults)) {
    std::ostringstream sizes;
    for (const std::size_t size : settings_.processes)
        sizes << (sizes.tellp() > 0 ? " " : "") << size;
    add_list("processes", settings_.processes, 1024, "pool size",
             "pool sizes, \"1 2 4\" or \"1,2,4\" (" + sizes.str() + ")");
    add("jobs", settings_.jobs, 1, 1'000'000, "calls made with every pool size");
    add("seed", settings_.seed, 0, UINT64_MAX, "seed of the calls' sizes");
    add("scale", settings_.scale, 1e-6, 100, "size of one call; 1 takes minutes");
    add_text("format", "table, markdown, csv or json (table)",
             [this](const std::string& text) { settings_.format = parse_format(text); });
    add_text("plot", "draw a chart with gnuplot into this .svg or .png file",
             [this](const std::string& text) { settings_.plot = parse_plot(text); });
}

int benchmark::run(int argc, const char* const* argv, const std::function<report(const settings&)>& measure) {
    return command_line::run(argc, argv, [&] {
        report measured = measure(settings_);
        measured.app = app();
        print(std::cout, measured, settings_.format);
        std::cout.flush();
        if (settings_.plot)
            plot(measured, *settings_.plot);
        if (!std::cout)
            throw std::runtime_error("the table could not be written");
    });
}

} // namespace apps

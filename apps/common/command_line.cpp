// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/command_line.hpp"

#include <procpool/version.hpp>

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <utility>

namespace apps {
namespace {

namespace po = boost::program_options;

constexpr std::size_t max_processes = 1024;
constexpr std::size_t max_jobs = 1'000'000;

std::string text_of(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

template <class Number>
Number number_between(const std::string& name, std::string_view text, Number low, Number high,
                      const char* kind) {
    const std::optional<Number> value = parse_number<Number>(text);
    if (!value || !(*value >= low && *value <= high)) { // written so that a NaN is out of range
        std::ostringstream message;
        message << "--" << name << " takes " << kind << " from " << low << " to " << high << ", not '" << text
                << "'";
        throw usage_error(message.str());
    }
    return *value;
}

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

std::vector<std::size_t> parse_processes(std::string_view text) {
    std::vector<std::size_t> sizes;
    const auto skip_blanks = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    };
    skip_blanks();
    if (text.find_first_not_of(", ") == std::string_view::npos)
        throw usage_error("--processes takes at least one pool size");
    // A comma stands between two numbers: where one is missing, the number that is read there is empty.
    for (bool after_comma = false; after_comma || !text.empty();) {
        const std::string_view item = text.substr(0, text.find_first_of(", "));
        sizes.push_back(number_between<std::size_t>("processes", item, 1, max_processes, "whole numbers"));
        text.remove_prefix(item.size());
        skip_blanks();
        after_comma = text.starts_with(',');
        if (after_comma) {
            text.remove_prefix(1);
            skip_blanks();
        }
    }
    std::ranges::sort(sizes);
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    return sizes;
}

command_line::command_line(std::string app, std::string purpose, settings defaults)
    : app_(std::move(app))
    , purpose_(std::move(purpose))
    , settings_(std::move(defaults))
    , options_("Options") {
    std::ostringstream sizes;
    for (const std::size_t size : settings_.processes)
        sizes << (sizes.tellp() > 0 ? " " : "") << size;

    options_.add_options()("help", "say this and end")("version", "say the version and end");
    options_.add_options()("processes",
                           po::value<std::vector<std::string>>()->multitoken()->value_name("N...")->notifier(
                               [this](const std::vector<std::string>& words) {
                                   std::string list;
                                   for (const std::string& word : words)
                                       list += word + ' ';
                                   settings_.processes = parse_processes(list);
                               }),
                           ("pool sizes, \"1 2 4\" or \"1,2,4\" (" + sizes.str() + ")").c_str());
    add_text("jobs", "calls made with every pool size (" + std::to_string(settings_.jobs) + ")",
             [this](const std::string& text) {
                 settings_.jobs = number_between<std::size_t>("jobs", text, 1, max_jobs, "a whole number");
             });
    add_text("seed", "seed of the calls' sizes (" + std::to_string(settings_.seed) + ")",
             [this](const std::string& text) {
                 settings_.seed =
                     number_between<std::uint64_t>("seed", text, 0, UINT64_MAX, "a whole number");
             });
    add("scale", settings_.scale, 1e-6, 100, "size of one call; 1 takes minutes");
    add_text("format", "table, markdown, csv or json (table)",
             [this](const std::string& text) { settings_.format = parse_format(text); });
    add_text("plot", "draw a chart with gnuplot into this .svg or .png file",
             [this](const std::string& text) { settings_.plot = parse_plot(text); });
}

void command_line::add_text(const std::string& name, const std::string& help,
                            std::function<void(const std::string&)> use) {
    options_.add_options()(name.c_str(), po::value<std::string>()->notifier(std::move(use)), help.c_str());
}

void command_line::add(std::string name, double& target, double low, double high, std::string help) {
    add_text(name, help + " (" + text_of(target) + ")", [name, &target, low, high](const std::string& text) {
        target = number_between(name, text, low, high, "a number");
    });
}

std::optional<settings> command_line::parse(int argc, const char* const* argv) {
    namespace style = po::command_line_style;
    try {
        constexpr const char* stray = "word without an option";
        po::options_description all;
        all.add(options_).add_options()(
            stray, po::value<std::vector<std::string>>()->notifier([](const std::vector<std::string>& words) {
                throw usage_error("'" + words.front() + "' belongs to no option");
            }));
        po::variables_map values;
        // Long options only: with short ones, "-5" after --jobs would be an unknown option, not a bad number.
        po::store(po::command_line_parser(argc, argv)
                      .options(all)
                      .positional(po::positional_options_description().add(stray, -1))
                      .style(style::allow_long | style::long_allow_next | style::long_allow_adjacent)
                      .run(),
                  values);
        if (values.contains("help")) {
            std::cout << purpose_ << "\n\nUsage: " << app_ << " [OPTION...]\n" << options_;
            return std::nullopt;
        }
        if (values.contains("version")) {
            std::cout << app_ << ' ' << PROCPOOL_VERSION_MAJOR << '.' << PROCPOOL_VERSION_MINOR << '.'
                      << PROCPOOL_VERSION_PATCH << '\n';
            return std::nullopt;
        }
        po::notify(values);
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
    return settings_;
}

} // namespace apps

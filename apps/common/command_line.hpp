// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_COMMAND_LINE_HPP
#define PROCPOOL_APPS_COMMAND_LINE_HPP

// The options that all benchmarks take, and those that one of them adds.

#include <boost/program_options/options_description.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

enum class table_format { table, markdown, csv, json };

struct settings {
    std::vector<std::size_t> processes{}; // ascending, without repetition
    std::size_t jobs = 0;
    std::uint64_t seed = 1;
    double scale = 0.03;
    table_format format = table_format::table;
    std::optional<std::string> plot{};
};

/// The command line is at fault: the text is one line that says how; the exit status is 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class command_line {
  public:
    /// `defaults` holds what the options are when they are not given.
    command_line(std::string app, std::string purpose, settings defaults);
    command_line(const command_line&) = delete; // its options refer to it
    command_line& operator=(const command_line&) = delete;

    /// An option of this app alone: a number from `low` to `high`; `target` holds the default.
    void add(std::string name, double& target, double low, double high, std::string help);

    /// The settings; none if --help or --version was asked for, and answered.
    ///
    /// Errors:     throws usage_error.
    std::optional<settings> parse(int argc, const char* const* argv);

    const std::string& app() const noexcept { return app_; }

  private:
    void add_text(const std::string& name, const std::string& help,
                  std::function<void(const std::string&)> use);

    std::string app_;
    std::string purpose_;
    settings settings_;
    boost::program_options::options_description options_;
};

/// The sizes in "1 2 4" or "1,2,4", ascending and without repetition.
///
/// Errors:     throws usage_error.
std::vector<std::size_t> parse_processes(std::string_view text);

} // namespace apps

#endif

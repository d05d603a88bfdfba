// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_BENCHMARK_HPP
#define PROCPOOL_APPS_BENCHMARK_HPP

// A program that measures pools of growing size, and the options that all of them take.

#include "common/command_line.hpp"
#include "common/report.hpp"
#include "common/table.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace apps {

struct settings {
    std::vector<std::size_t> processes{}; // ascending, without repetition
    std::size_t jobs = 0;
    std::uint64_t seed = 1;
    double scale = 0.03;
    table_format format = table_format::table;
    std::optional<std::string> plot{};
};

class benchmark : public command_line {
  public:
    /// `defaults` holds what the options are when they are not given.
    benchmark(std::string app, std::string purpose, settings defaults);

    /// Reads the command line, has `measure` do the work, prints the table and draws the plot. To be returned
    /// from main().
    int run(int argc, const char* const* argv, const std::function<report(const settings&)>& measure);

    const settings& chosen() const noexcept { return settings_; }

  private:
    settings settings_;
};

} // namespace apps

#endif

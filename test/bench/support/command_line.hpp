// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_COMMAND_LINE_HPP
#define PROCPOOL_BENCH_COMMAND_LINE_HPP

#include "bench/support/line.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

struct choice {
    settings how{};
    std::vector<line> lines{};
    std::optional<std::string> json{};
    std::optional<std::string> charts{};
};

/// The command line is at fault: the text is one line that says how; the exit status is 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// None if --help or --list was asked for, and answered.
///
/// Errors:     throws usage_error.
std::optional<choice> parse(int argc, const char* const* argv);

} // namespace bench

#endif

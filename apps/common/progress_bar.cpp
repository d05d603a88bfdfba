// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/progress_bar.hpp"

#include <cstdio>
#include <iostream>
#include <string>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace apps {
namespace {

constexpr int width = 40;
constexpr std::string_view start_of_empty_line = "\r\x1b[K";

bool stderr_is_terminal() {
#ifdef _WIN32
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(STDERR_FILENO) != 0;
#endif
}

} // namespace

progress_bar::progress_bar() : on_terminal_(stderr_is_terminal()) {}

progress_bar::~progress_bar() {
    if (on_terminal_)
        std::cerr << start_of_empty_line << std::flush;
}

void progress_bar::show(double fraction, std::string_view what) {
    const int permille = static_cast<int>(1000 * fraction);
    if (!on_terminal_ || permille == last_permille_)
        return; // many short calls need not mean many writes
    last_permille_ = permille;
    const auto full = static_cast<std::size_t>(width * fraction);
    std::cerr << start_of_empty_line << '[' << std::string(full, '#') << std::string(width - full, '.')
              << "] " << permille / 10 << " %, " << what << std::flush;
}

} // namespace apps

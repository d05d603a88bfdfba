// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/progress_bar.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>

#ifdef _WIN32
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace apps {
namespace {

constexpr std::size_t widest_bar = 40;
constexpr std::size_t narrowest_bar = 4; // a shorter bar shows less than the number
constexpr std::string_view start_of_empty_line = "\r\x1b[K";

bool stderr_is_terminal() {
#ifdef _WIN32
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(STDERR_FILENO) != 0;
#endif
}

/// The present width of the terminal behind standard error, which may be resized at any time.
std::size_t columns_of_terminal() {
#ifndef _WIN32
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
        return size.ws_col;
#endif
    return 80;
}

} // namespace

std::string progress_line(double fraction, std::string_view what, std::size_t columns) {
    fraction = std::clamp(fraction, 0.0, 1.0);
    const std::size_t room =
        columns == 0 ? 0 : columns - 1; // after a full line, some terminals go on to the next
    const std::string text = std::to_string(static_cast<int>(100 * fraction)) + " %, " + std::string(what);
    constexpr std::size_t frame = std::string_view("[] ").size();
    const std::size_t width = std::min(widest_bar, room - std::min(room, text.size() + frame));
    if (width < narrowest_bar)
        return text.substr(0, room);
    const auto full = static_cast<std::size_t>(static_cast<double>(width) * fraction);
    return '[' + std::string(full, '#') + std::string(width - full, '.') + "] " + text;
}

progress_bar::progress_bar() : on_terminal_(stderr_is_terminal()) {}

progress_bar::~progress_bar() {
    if (on_terminal_)
        std::cerr << start_of_empty_line << std::flush;
}

void progress_bar::show(double fraction, std::string_view what) {
    const int permille = static_cast<int>(1000 * fraction);
    if (!on_terminal_ || permille == last_permille_)
        return; // so that many short calls cause few writes
    last_permille_ = permille;
    std::cerr << start_of_empty_line << progress_line(fraction, what, columns_of_terminal()) << std::flush;
}

} // namespace apps

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// In place of screen.cpp, where there is no ncurses.

#include "top/screen.hpp"

#include <stdexcept>

namespace top {

bool has_screen() noexcept {
    return false;
}

int show_on_screen(const std::string&, std::chrono::milliseconds, order,
                   const std::function<std::vector<std::string>(order)>&) {
    throw std::runtime_error(
        "this procpool-top was built without ncurses (on Debian libncurses-dev), and cannot "
        "refresh its view: use --once");
}

} // namespace top

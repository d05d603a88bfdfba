// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_SCREEN_HPP
#define PROCPOOL_APPS_TOP_SCREEN_HPP

#include "top/report.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace top {

/// Whether this procpool-top was built with ncurses.
bool has_screen() noexcept;

/// Shows what `look` returns, anew after each interval, until the user ends it, a signal comes, or `look` throws. The
/// terminal is as before then.
///
/// Errors: throws std::runtime_error without a terminal, and what `look` throws.
/// Returns 0, or the signal that ended it.
int show_on_screen(const std::string& title, std::chrono::milliseconds interval, order by,
                   const std::function<std::vector<std::string>(order)>& look);

} // namespace top

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_VERDICT_HPP
#define PROCPOOL_APPS_VERDICT_HPP

// What the numbers of a report say, in words.

#include "common/report.hpp"

#include <string>
#include <vector>

namespace apps {

/// One sentence or two an element; concluded from the measurements and the number of CPUs alone.
///
/// Requires:   at least one size.
std::vector<std::string> verdict(const report& measured);

} // namespace apps

#endif

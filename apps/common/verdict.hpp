// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_VERDICT_HPP
#define PROCPOOL_APPS_VERDICT_HPP

// The meaning of a report's numbers, in words.

#include "common/report.hpp"

#include <string>
#include <vector>

namespace apps {

/// Elements of one or two sentences, derived only from the measurements and the number of CPUs.
///
/// Requires:   at least one size.
std::vector<std::string> verdict(const report& measured);

} // namespace apps

#endif

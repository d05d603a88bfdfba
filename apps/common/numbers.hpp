// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_NUMBERS_HPP
#define PROCPOOL_APPS_NUMBERS_HPP

// Numbers as people read them.

#include <string>

namespace apps {

/// `value` with that many digits after the point.
std::string fixed(double value, int digits);

/// A duration with three digits that mean something, without its unit: "12.3", "1.23", "0.012".
std::string seconds(double value);

/// A ratio in per cent, "93 %".
std::string percent(double ratio);

/// "1 process", "4 processes".
std::string counted(std::size_t count, const std::string& singular, const std::string& plural);

} // namespace apps

#endif

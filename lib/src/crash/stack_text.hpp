// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CRASH_STACK_TEXT_HPP
#define PROCPOOL_CRASH_STACK_TEXT_HPP

#include "crash/crash_report.hpp"

#include <string>
#include <vector>

namespace procpool::pooling {

/// A line for each call, the innermost first: " 0# sieve(int) at sieve.cpp:12". A worker is the same program
/// as this process, so its function names are known here.
std::string stack_text(const std::vector<code_place>& stack);

} // namespace procpool::pooling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CRASH_SYMBOLS_HPP
#define PROCPOOL_CRASH_SYMBOLS_HPP

#include <string>
#include <vector>

namespace procpool::pooling {

/// The functions at an address in this process, as far as they are known: one, and the functions into which
/// it was inlined. "sieve(int) at sieve.cpp:12", or without a line if the program has no debug information.
///
/// Complexity: the first call reads the debug information of the program.
std::vector<std::string> functions_at(const void* address);

} // namespace procpool::pooling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_EXIT_CODES_HPP
#define PROCPOOL_OS_WINDOWS_EXIT_CODES_HPP

#include <cstdint>

namespace procpool::os {

/// The exit code of a worker that its parent killed: the letters "PPK", marked as an application error, which
/// no program uses by chance.
inline constexpr std::uint32_t killed_by_parent = 0xE050504B;

} // namespace procpool::os

#endif

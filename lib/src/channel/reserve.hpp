// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_RESERVE_HPP
#define PROCPOOL_CHANNEL_RESERVE_HPP

#include <cstdint>
#include <exception>

namespace procpool::channel {

/// Reserved address space costs nothing, but a limit on it (`ulimit -v`) can forbid it: calls `make(bytes)`
/// with half the size until it succeeds.
///
/// Errors: those of `make` for 16 MiB.
template <class Make>
auto with_less_until_it_fits(std::uint64_t bytes, Make make) {
    constexpr std::uint64_t least = std::uint64_t{16} << 20;
    for (;; bytes /= 2) {
        try {
            return make(bytes);
        } catch (const std::exception&) {
            if (bytes / 2 < least)
                throw;
        }
    }
}

} // namespace procpool::channel

#endif

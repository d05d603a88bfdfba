// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_MEMORY_HPP
#define PROCPOOL_CHANNEL_MEMORY_HPP

#include "channel/layout.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>

namespace procpool::channel {

/// How much is reserved where at most `wanted` bytes may be needed: no more than one of `parts` of what may be
/// reserved, in whole MiB, if that is at least 1 GiB.
constexpr std::uint64_t bytes_to_reserve(std::uint64_t wanted, std::uint64_t reservable,
                                         std::uint64_t parts) noexcept {
    constexpr std::uint64_t least = std::uint64_t{1} << 30;
    constexpr std::uint64_t unit = std::uint64_t{1} << 20;
    return std::min(wanted, std::max(reservable / parts / unit * unit, least));
}

/// Reserved address space costs little, but a limit on it (`ulimit -v`) can forbid it: calls `make(bytes)`
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

enum class side { parent, worker };

/// The memory of one channel, mapped so that each side can write only its own parts: a stray write faults at
/// once.
class channel_memory {
  public:
    /// Makes the memory for a new worker and maps the parent's view of it. A large range of addresses is
    /// reserved for results, and less if that is not possible.
    ///
    /// Errors: throws boost::system::system_error, or boost::interprocess::interprocess_exception on Windows.
    static channel_memory create();

    /// Maps the worker's view of an inherited memory.
    static channel_memory adopt(os::shared_memory memory);

    channel::control& control() const noexcept;
    std::span<std::byte> requests() const noexcept;  // the worker's view is read-only
    std::span<std::byte> responses() const noexcept; // the parent's view is read-only
    std::span<std::byte> results() const noexcept;   // likewise
    const os::shared_memory& memory() const noexcept { return memory_; }

    /// Offset of the result arena in `memory()`, for ensure_memory and release_memory.
    static std::uint64_t results_offset() noexcept;

  private:
    channel_memory(os::shared_memory memory, side own_side);

    os::shared_memory memory_;
    os::sparse_mapping control_;
    os::sparse_mapping requests_;
    os::sparse_mapping responses_; // the ring, then the arena
};

} // namespace procpool::channel

#endif

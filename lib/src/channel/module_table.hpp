// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_MODULE_TABLE_HPP
#define PROCPOOL_CHANNEL_MODULE_TABLE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

// The shared objects whose tasks a pool has run, at the start of its argument memory. The parent adds them,
// and workers read them when a frame names one for the first time. Number 0 is the program, which has no
// entry.

namespace procpool::channel {

struct module_entry {
    std::uint64_t fingerprint = 0;
    std::string path;
};

/// Adds an entry after the last one. False: there is no room.
bool add_module(std::span<std::byte> table, const module_entry& entry) noexcept;

/// Entry `number`, counted from 1. Nullopt: there is none, or the table is invalid.
std::optional<module_entry> read_module(std::span<const std::byte> table, std::uint32_t number);

} // namespace procpool::channel

#endif

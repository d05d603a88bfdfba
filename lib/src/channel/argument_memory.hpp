// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_ARGUMENT_MEMORY_HPP
#define PROCPOOL_CHANNEL_ARGUMENT_MEMORY_HPP

#include "channel/arena.hpp"
#include "os/memory.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
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

/// Holds arguments that are too big for a ring: one memory for all workers of a pool, written by the parent
/// and read-only in every worker. A big argument is encoded into it once, before its worker is chosen, and is
/// never copied, even if it is taken back and run by another worker.
///
/// Thread safety: any thread.
class argument_memory {
  public:
    /// Errors: throws boost::system::system_error, or boost::interprocess::interprocess_exception on Windows.
    argument_memory();

    /// Allocates at least `bytes` writable bytes.
    ///
    /// Errors: throws std::bad_alloc when the machine or the reserved space is full.
    block allocate(std::uint64_t bytes);
    void free(block freed) noexcept;
    /// Instead of `free`: the block goes when the memory is closed.
    void leave(block what) noexcept;

    /// No worker uses it any more. Nothing is allocated, and the last block that is freed unmaps it.
    void close() noexcept;

    std::byte* data(block of) const noexcept { return memory_->region.data() + of.offset; }
    /// Requires: it is not closed.
    const os::shared_memory& memory() const noexcept { return memory_->shared; }

    /// The table that `add_module` and `read_module` use.
    ///
    /// Requires: it is not closed.
    /// Errors: throws std::bad_alloc, on the first call.
    std::span<std::byte> module_table();

  private:
    struct mapped_memory {
        mapped_memory();
        os::shared_memory shared;
        os::sparse_mapping region;
    };

    void returned() noexcept;

    std::optional<mapped_memory> memory_{std::in_place}; // none: closed, and no block is lent
    bool has_module_table_ = false;
    std::mutex mutex_;
    arena arena_;
    std::size_t lent_ = 0; // blocks
    bool closed_ = false;
};

/// A worker's view of its pool's argument memory.
class argument_view {
  public:
    explicit argument_view(const os::shared_memory& memory);

    /// Empty if the range does not lie within the memory.
    std::span<const std::byte> bytes(std::uint64_t offset, std::uint64_t bytes) const noexcept;

    std::span<const std::byte> module_table() const noexcept;

  private:
    os::sparse_mapping region_;
};

} // namespace procpool::channel

#endif

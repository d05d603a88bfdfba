// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_ARENA_HPP
#define PROCPOOL_CHANNEL_ARENA_HPP

#include <cstdint>
#include <map>
#include <optional>

namespace procpool::channel {

/// Offsets [offset, offset + bytes) of a memory.
struct block {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const block&, const block&) = default;
};

/// Allocates offsets of a reserved, sparse memory; it never accesses the memory.
///
/// Blocks are whole pages. A free block may keep its pages for the next allocation ("warm") up to a limit.
/// Warm blocks are preferred, then the smallest block that fits. If no single free block is large enough,
/// adjacent warm and cold blocks are used together, so that warm blocks do not fragment the memory
/// permanently.
///
/// A block keeps the map node that it needs when it is freed, so freeing never allocates.
///
/// Thread safety: one thread at a time.
/// Complexity:    O(log n) to free, O(n) in the number of free blocks to allocate.
class arena {
  public:
    /// Requires: `page_bytes` is a power of two; `bytes` and `first` are multiples of it.
    arena(std::uint64_t first, std::uint64_t bytes, std::uint64_t page_bytes, std::uint64_t warm_limit_bytes);

    struct allocation {
        block taken;
        bool warm = false; // has pages; otherwise call ensure_memory before touching them
    };

    /// Allocates at least `bytes` bytes; nullopt if no gap is large enough.
    ///
    /// Errors: throws std::bad_alloc, and then nothing has changed.
    std::optional<allocation> allocate(std::uint64_t bytes);

    /// Whether a block of this size may keep its pages, within the limit.
    bool would_stay_warm(std::uint64_t bytes) const noexcept { return warm_ + bytes <= warm_limit_; }

    /// Both require: `freed` was allocated and not freed since.
    void free_warm(block freed) noexcept;
    /// For a block whose pages have been given back to the system.
    void free_cold(block freed) noexcept;

    std::uint64_t allocated_bytes() const noexcept { return allocated_; }

  private:
    struct range {
        std::uint64_t bytes = 0;
        bool warm = false;
    };
    using ranges = std::map<std::uint64_t, range>; // by offset

    std::optional<allocation> allocate_across(std::uint64_t wanted);
    void free(block freed, bool warm) noexcept;

    ranges free_;  // adjacent ranges of the same warmth are merged
    ranges taken_; // their nodes are moved to `free_`
    std::uint64_t page_;
    std::uint64_t warm_limit_;
    std::uint64_t warm_ = 0;
    std::uint64_t allocated_ = 0;
};

} // namespace procpool::channel

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_ARENA_HPP
#define PROCPOOL_CHANNEL_ARENA_HPP

#include <cstdint>
#include <map>
#include <optional>

namespace procpool::channel {

/// Offsets [offset, offset + bytes) of some memory.
struct block {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const block&, const block&) = default;
};

/// Deals out offsets of a reserved, sparse memory; it never looks into it.
///
/// Blocks are whole pages. A free block may keep its pages for the next taker ("warm") up to a limit. Warm
/// blocks are preferred, then the smallest that fits. What no free block alone has room for is taken from
/// warm and cold neighbours together, so that warm blocks do not divide the memory for good.
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
        bool warm = false; // its pages are there; otherwise they must be asked for before they are touched
    };

    /// At least `bytes` bytes, or none when there is no such gap between what is taken.
    /// Errors: throws std::bad_alloc, and then nothing has changed.
    std::optional<allocation> allocate(std::uint64_t bytes);

    /// Is there room below the limit for a block to keep its pages?
    bool would_stay_warm(std::uint64_t bytes) const noexcept { return warm_ + bytes <= warm_limit_; }

    /// Requires of both: `freed` was allocated and not freed since.
    void free_warm(block freed) noexcept;
    /// For a block whose pages have been given back.
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

    ranges free_;  // neighbours of the same warmth are one
    ranges taken_; // their nodes go to `free_`
    std::uint64_t page_;
    std::uint64_t warm_limit_;
    std::uint64_t warm_ = 0;
    std::uint64_t allocated_ = 0;
};

} // namespace procpool::channel

#endif

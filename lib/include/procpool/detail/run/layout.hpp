// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_LAYOUT_HPP
#define PROCPOOL_DETAIL_RUN_LAYOUT_HPP

#include <procpool/codec.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

// The layout of the arguments of a frame's items. Arguments of a fixed size are packed. Others each start at
// a multiple of 16, after a head with their length. So a frame can be cut between any two items, and views
// into the arguments stay aligned in every piece.

namespace procpool::detail {

inline constexpr std::size_t item_alignment = 16;

struct alignas(item_alignment) item_head {
    std::uint64_t bytes = 0;
    std::uint64_t unused = 0; // in place of padding, of which MSVC warns
};
static_assert(sizeof(item_head) == item_alignment);

constexpr std::uint64_t align_item(std::uint64_t bytes) noexcept {
    return (bytes + item_alignment - 1) / item_alignment * item_alignment;
}

/// Iterates over items of varying size. Lengths are not trusted: an item that exceeds the bytes ends the
/// iteration.
class item_cursor {
  public:
    explicit item_cursor(std::span<const std::byte> items) noexcept : rest_(items) {}

    /// The bytes of the next item, without its head; nullopt if they do not lie within the items. (A
    /// template, so that programs without such items do not compile it.)
    template <class Byte = const std::byte>
    std::optional<std::span<Byte>> next() noexcept {
        item_head head;
        if (rest_.size() < sizeof head)
            return std::nullopt;
        std::memcpy(&head, rest_.data(), sizeof head);
        std::atomic_signal_fence(std::memory_order_seq_cst); // the checked value is the one that is used
        if (head.bytes > rest_.size() - sizeof head)
            return std::nullopt;
        const auto bytes = static_cast<std::size_t>(head.bytes);
        const auto item = rest_.subspan(sizeof head, bytes);
        const auto whole = static_cast<std::size_t>(align_item(sizeof head + bytes));
        rest_ = whole < rest_.size() ? rest_.subspan(whole) : std::span<const std::byte>();
        return item;
    }

    /// The number of bytes after the current position.
    std::size_t remaining() const noexcept { return rest_.size(); }

  private:
    std::span<const std::byte> rest_;
};

// The layout of the results of a record: small results of a fixed size are packed, others are laid out like
// arguments, see above.

/// Larger results are not packed, so that a record has room for several results of any packed size.
inline constexpr std::size_t max_packed_bytes = 1024;

template <class R>
constexpr bool results_are_packed() {
    if constexpr (std::is_void_v<R>)
        return true;
    else if constexpr (is_plain<R>)
        return sizeof(R) <= max_packed_bytes;
    else
        return false;
}

/// Requires: the results are packed.
template <class R>
constexpr std::size_t packed_size() {
    if constexpr (std::is_void_v<R>)
        return 0;
    else
        return sizeof(R);
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_ARGUMENT_LAYOUT_HPP
#define PROCPOOL_DETAIL_ARGUMENT_LAYOUT_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

// How the arguments of the items of a frame lie behind one another. Arguments of a fixed size are packed.
// Others each start at a multiple of 16, behind a head that says how long they are, so that a frame can be
// cut between any two items and views into the arguments stay aligned wherever the pieces go.

namespace procpool::detail {

inline constexpr std::size_t item_alignment = 16;

struct alignas(item_alignment) item_head {
    std::uint64_t bytes = 0;
};
static_assert(sizeof(item_head) == item_alignment);

constexpr std::uint64_t align_item(std::uint64_t bytes) noexcept {
    return (bytes + item_alignment - 1) / item_alignment * item_alignment;
}

/// Walks over items of varying size. It trusts no length: what does not fit ends the walk.
class item_cursor {
  public:
    explicit item_cursor(std::span<const std::byte> items) noexcept : rest_(items) {}

    /// The bytes of the next item, without its head; none if they do not lie within the items.
    /// (A template, so that who has no such items does not compile it.)
    template <class Byte = const std::byte>
    std::optional<std::span<Byte>> next() noexcept {
        item_head head;
        if (rest_.size() < sizeof head)
            return std::nullopt;
        std::memcpy(&head, rest_.data(), sizeof head);
        std::atomic_signal_fence(std::memory_order_seq_cst); // what is checked is what is used
        if (head.bytes > rest_.size() - sizeof head)
            return std::nullopt;
        const auto bytes = static_cast<std::size_t>(head.bytes);
        const auto item = rest_.subspan(sizeof head, bytes);
        const auto whole = static_cast<std::size_t>(align_item(sizeof head + bytes));
        rest_ = whole < rest_.size() ? rest_.subspan(whole) : std::span<const std::byte>();
        return item;
    }

    /// Where the walk stands.
    std::size_t remaining() const noexcept { return rest_.size(); }

  private:
    std::span<const std::byte> rest_;
};

} // namespace procpool::detail

#endif

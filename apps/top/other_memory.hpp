// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_OTHER_MEMORY_HPP
#define PROCPOOL_APPS_TOP_OTHER_MEMORY_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <type_traits>

// Reading objects in the memory of another program, which changes them meanwhile.

namespace top {

/// Memory of another program: reads bytes at an offset, and returns how many there were.
using memory = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> to)>;

/// How often something that changes is read again.
inline constexpr int most_attempts = 64;

/// What was read before it is read before what is read after it.
inline void in_order() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// Bytes of an object, and its words by their places. Objects with atomic words cannot be copied.
template <class Object>
class copy_of {
  public:
    static constexpr std::size_t size = sizeof(Object);

    bool read(const memory& from, std::uint64_t offset = 0) { return from(offset, bytes_) == size; }
    template <class Word>
    Word word(std::size_t offset) const noexcept {
        static_assert(std::is_trivially_copyable_v<Word>);
        Word out{};
        std::memcpy(&out, bytes_.data() + offset, sizeof out);
        return out;
    }
    const std::byte* data() const noexcept { return bytes_.data(); }

  private:
    std::array<std::byte, size> bytes_{};
};

/// A word of a copy of `object`, by the name of the member.
#define PROCPOOL_WORD(copy, object, type, member) (copy).template word<type>(offsetof(object, member))

} // namespace top

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DECODER_HPP
#define PROCPOOL_DECODER_HPP

#include <procpool/detail/codec_failures.hpp>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace procpool {

namespace detail {
class nesting;
}

/// Reads values back from the bytes that an encoder wrote. It trusts none of them: whatever they say, it
/// stays inside them, and allocates no more than they could describe.
class decoder {
  public:
    /// Reads `payload`, which outlives the decoder and whatever views are read from it.
    explicit decoder(std::span<const std::byte> payload) noexcept
        : base_(payload.data())
        , next_(payload.data())
        , end_(payload.data() + payload.size()) {}

    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;

    /// Takes the next value, the way `codec<T>` says. Include <procpool/codec.hpp>.
    ///
    /// Errors: codec_error if the bytes end too early or cannot be a T.
    template <class T>
    std::remove_cv_t<T> read();

    /// Takes the next `size` bytes as they are. Once read, they do not change, though whatever wrote the
    /// payload may still write to it.
    void read_bytes(void* to, std::size_t size) {
        const std::byte* from = take(size);
        if (size != 0)
            std::memcpy(to, from, size);
        // The compiler must not read again what the caller is going to check.
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }

    /// Takes the next `size` bytes without a copy: a view into the payload. In the parent of a worker these
    /// lie in memory that the worker can write: copy what is checked, then check the copy.
    std::span<const std::byte> view_bytes(std::size_t size) { return {take(size), size}; }

    /// Skips what encoder::align() put here.
    void align(std::size_t alignment) {
        const auto position = static_cast<std::size_t>(next_ - base_);
        take((alignment - position % alignment) % alignment);
    }

    /// Bytes not yet read.
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  private:
    friend class detail::nesting;

    const std::byte* take(std::size_t size) {
        if (remaining() < size) [[unlikely]]
            detail::fail_underrun(size, remaining());
        const std::byte* taken = next_;
        next_ += size;
        return taken;
    }

    const std::byte* base_;
    const std::byte* next_;
    const std::byte* end_;
    unsigned depth_ = 0;
};

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DECODER_HPP
#define PROCPOOL_DECODER_HPP

#include <procpool/detail/codec/codec_failures.hpp>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace procpool {

namespace detail {
class nesting;
}

/// Reads values from the bytes that an encoder wrote. The bytes are not trusted: for any content, the decoder
/// reads only within the payload, and allocates no more than the payload could describe.
///
/// Thread safety: one thread at a time.
class decoder {
  public:
    /// Reads `payload`, which must outlive the decoder and all views that are read from it.
    explicit decoder(std::span<const std::byte> payload) noexcept
        : base_(payload.data())
        , next_(payload.data())
        , end_(payload.data() + payload.size()) {}

    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;

    /// Reads the next value with `codec<T>`. Include <procpool/codec.hpp>.
    ///
    /// Errors: throws codec_error if the bytes end too early or are not a valid T.
    template <class T>
    std::remove_cv_t<T> read();

    /// Copies the next `size` bytes to `to`. The copy does not change, even if another process still writes
    /// to the payload.
    ///
    /// Errors: throws codec_error if fewer bytes are left.
    void read_bytes(void* to, std::size_t size) {
        const std::byte* from = take(size);
        if (size != 0)
            std::memcpy(to, from, size);
        // The compiler must not read the payload again after the caller has checked the copy.
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }

    /// Returns the next `size` bytes without a copy, as a view into the payload. A codec must not keep the
    /// view after `decode` has returned. In the parent, the worker may still write to the payload: make a
    /// copy, then check the copy.
    ///
    /// Errors: throws codec_error if fewer bytes are left.
    std::span<const std::byte> view_bytes(std::size_t size) { return {take(size), size}; }

    /// Skips the padding that encoder::align(alignment) wrote at this position.
    ///
    /// Errors: throws codec_error if the bytes end too early.
    void align(std::size_t alignment) {
        const auto position = static_cast<std::size_t>(next_ - base_);
        take((alignment - position % alignment) % alignment);
    }

    /// The number of bytes that are not read yet.
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

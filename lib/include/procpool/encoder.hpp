// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ENCODER_HPP
#define PROCPOOL_ENCODER_HPP

#include <cstddef>
#include <cstring>
#include <memory>

namespace procpool {

namespace detail {
class nesting;
class digested_bytes;
} // namespace detail

/// A growing sequence of bytes to which values are written. A derived class of the library provides the
/// storage.
///
/// Errors:        members that append throw std::bad_alloc if the storage cannot grow.
/// Thread safety: one thread at a time.
/// Complexity:    writing a small value is a comparison and a store, unless the storage must grow.
class encoder {
  public:
    encoder(const encoder&) = delete;
    encoder& operator=(const encoder&) = delete;

    /// Appends `value` with `codec<T>`. Include <procpool/codec.hpp>.
    ///
    /// Errors: throws what codec<T> throws; codec_error for a valueless variant, or for an object graph that
    ///         is nested too deeply.
    template <class T>
    void write(const T& value);

    /// Appends `size` bytes unchanged.
    void write_bytes(const void* data, std::size_t size) {
        if (size == 0)
            return;
        reserve(size);
        std::memcpy(next_, data, size);
        next_ += size;
    }

    /// Appends zeros until size() is a multiple of `alignment`, a power of two of at most 16.
    void align(std::size_t alignment) {
        const std::size_t padding = (alignment - size() % alignment) % alignment;
        if (padding == 0)
            return;
        reserve(padding);
        std::memset(next_, 0, padding);
        next_ += padding;
    }

    /// Makes room for `more` bytes, so that writing them does not grow the storage.
    void reserve(std::size_t more) {
        if (static_cast<std::size_t>(end_ - next_) < more) [[unlikely]]
            grow(more);
    }

    /// Keeps `what` alive until the bytes were read or discarded. Use it for an object that the bytes refer
    /// to.
    virtual void keep(std::shared_ptr<const void> what) = 0;

    /// The number of bytes written so far.
    std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - base_); }

  protected:
    /// Starts with no bytes, at `base`. Alignment is relative to `base`; the reader has the bytes at an
    /// aligned address.
    encoder(std::byte* base, std::size_t capacity) noexcept
        : base_(base)
        , next_(base)
        , end_(base + capacity) {}
    ~encoder() = default;

    /// Makes room for at least `more` further bytes: moves the written bytes and calls rebase(), or throws.
    virtual void grow(std::size_t more) = 0;

    /// Sets the storage: the bytes written so far have been moved to `base`, which has room for `capacity`
    /// bytes in total.
    void rebase(std::byte* base, std::size_t capacity) noexcept {
        next_ = base + size();
        base_ = base;
        end_ = base + capacity;
    }

    /// Drops all but the first `size` bytes, after an encoding threw half-way.
    void rewind(std::size_t size) noexcept { next_ = base_ + size; }

    std::byte* base() const noexcept { return base_; }
    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - base_); }

  private:
    friend class detail::nesting;
    friend class detail::digested_bytes;

    std::byte* base_;
    std::byte* next_;
    std::byte* end_;
    unsigned depth_ = 0;
};

} // namespace procpool

#endif

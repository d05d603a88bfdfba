// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ENCODER_HPP
#define PROCPOOL_ENCODER_HPP

#include <cstddef>
#include <cstring>
#include <memory>

namespace procpool {

namespace detail {
class nesting;
class sealed_bytes;
} // namespace detail

/// A growing sink of bytes. A derived class decides where the bytes live: a job's buffer, a ring, an arena.
///
/// Between two growths writing is a comparison and a store.
class encoder {
  public:
    encoder(const encoder&) = delete;
    encoder& operator=(const encoder&) = delete;

    /// Appends `value` the way `codec<T>` says. Include <procpool/codec.hpp>.
    ///
    /// Errors: whatever codec<T> throws; codec_error for a valueless variant or an object graph that is too
    /// deep.
    template <class T>
    void write(const T& value);

    /// Appends `size` bytes as they are.
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

    /// Makes room for `more` bytes, so that writing them grows nothing.
    void reserve(std::size_t more) {
        if (static_cast<std::size_t>(end_ - next_) < more) [[unlikely]]
            grow(more);
    }

    /// Keeps `what` alive until what is encoded here has been read, or never will be: for something that the
    /// bytes only refer to.
    virtual void keep(std::shared_ptr<const void> what) = 0;

    /// Bytes written since the payload's beginning.
    std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - base_); }

  protected:
    /// Starts empty at `base`. What is aligned here is so in bytes from there; a reader has them at an
    /// aligned address.
    encoder(std::byte* base, std::size_t capacity) noexcept
        : base_(base)
        , next_(base)
        , end_(base + capacity) {}
    ~encoder() = default;

    /// Makes room for at least `more` further bytes: moves what is written and calls rebase(), or throws.
    virtual void grow(std::size_t more) = 0;

    /// The bytes written so far now begin at `base`, with room for `capacity` in all.
    void rebase(std::byte* base, std::size_t capacity) noexcept {
        next_ = base + size();
        base_ = base;
        end_ = base + capacity;
    }

    /// Forgets what was written after the first `size` bytes, when an encoding threw half-way.
    void rewind(std::size_t size) noexcept { next_ = base_ + size; }

    std::byte* base() const noexcept { return base_; }
    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - base_); }

  private:
    friend class detail::nesting;
    friend class detail::sealed_bytes;

    std::byte* base_;
    std::byte* next_;
    std::byte* end_;
    unsigned depth_ = 0;
};

} // namespace procpool

#endif

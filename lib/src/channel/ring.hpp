// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_RING_HPP
#define PROCPOOL_CHANNEL_RING_HPP

#include "channel/layout.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

// A single-producer single-consumer ring of byte entries of any size. Positions count bytes, modulo 2^64. An
// entry starts on a cache line and is contiguous: if it does not fit before the end of the ring, the writer
// stores `wrap_mark` and continues at the start.
//
// Writer and reader each keep a private copy of the index that the other side publishes. They load it again
// only when the copy shows no more room or entries, so that a busy ring moves few cache lines.

namespace procpool::channel {

constexpr std::uint64_t entry_size(std::uint64_t bytes) noexcept {
    return (bytes + cache_line - 1) / cache_line * cache_line;
}

/// The writing side.
///
/// Thread safety: one thread at a time.
class ring_writer {
  public:
    /// `start`: the position of the first entry, which head and tail must contain too.
    ///
    /// Requires: `bytes` is a power of two; `start` is a multiple of it.
    ring_writer(std::byte* base, std::uint64_t bytes, std::atomic<std::uint64_t>& head,
                const std::atomic<std::uint64_t>& tail, std::uint64_t start = 0) noexcept
        : base_(base)
        , bytes_(bytes)
        , head_(&head)
        , tail_(&tail)
        , next_(start)
        , seen_tail_(start) {}

    /// Room for one entry of at least `least` and at most `most` bytes; an empty span if there is none, or if
    /// the tail is invalid, which `damaged` shows.
    ///
    /// Requires: `least` <= half the ring, so that an empty ring always has room.
    std::span<std::byte> reserve(std::uint64_t least, std::uint64_t most) noexcept {
        if (auto room = room_now(entry_size(least)); !room.empty())
            return room.first(std::min<std::size_t>(room.size(), entry_size(most)));
        const auto tail = tail_->load(std::memory_order_acquire);
        if (tail - seen_tail_ > next_ - seen_tail_ || tail % cache_line != 0) {
            damaged_ = true;
            return {};
        }
        seen_tail_ = tail;
        const auto room = room_now(entry_size(least));
        return room.first(std::min<std::size_t>(room.size(), entry_size(most)));
    }

    bool damaged() const noexcept { return damaged_; }

    /// Position of the entry that was reserved last.
    std::uint64_t position() const noexcept { return next_; }

    /// The position up to which the reader had consumed when the tail was last loaded.
    std::uint64_t seen_tail() const noexcept { return seen_tail_; }

    /// Publishes the first `bytes` bytes of the last reserved room.
    void publish(std::uint64_t bytes) noexcept {
        next_ += entry_size(bytes);
        head_->store(next_, std::memory_order_release);
    }

  private:
    std::span<std::byte> room_now(std::uint64_t least) noexcept {
        const auto at = next_ & (bytes_ - 1);
        // Positions differ by at most the size of the ring: `reserve` has checked the tail.
        const auto free = bytes_ - (next_ - seen_tail_);
        const auto to_end = bytes_ - at;
        if (least <= to_end)
            return free < least ? std::span<std::byte>() : std::span(base_ + at, std::min(free, to_end));
        if (free < to_end + least)
            return {};
        std::memcpy(base_ + at, &wrap_mark, sizeof wrap_mark);
        next_ += to_end;
        return {base_, static_cast<std::size_t>(free - to_end)};
    }

    std::byte* base_;
    std::uint64_t bytes_;
    std::atomic<std::uint64_t>* head_;
    const std::atomic<std::uint64_t>* tail_;
    std::uint64_t next_;      // position of the next entry; at most a wrap ahead of the published one
    std::uint64_t seen_tail_; // last known position of the reader
    bool damaged_ = false;
};

/// The reading side. Indices are not trusted: `head` must lie within the ring ahead of the read position.
///
/// Thread safety: one thread at a time.
class ring_reader {
  public:
    /// `start`: as for the writer.
    ring_reader(const std::byte* base, std::uint64_t bytes, const std::atomic<std::uint64_t>& head,
                std::atomic<std::uint64_t>& tail, std::uint64_t start = 0) noexcept
        : base_(base)
        , bytes_(bytes)
        , head_(&head)
        , tail_(&tail)
        , next_(start)
        , seen_head_(start) {}

    /// Whether there is no unread entry. Loads the shared index at most once.
    bool empty() noexcept {
        if (next_ != seen_head_)
            return false;
        seen_head_ = head_->load(std::memory_order_acquire);
        return next_ == seen_head_;
    }

    /// The bytes of the entry at the front, up to the end of the published bytes; empty if there is none, or
    /// if the indices are invalid, which `damaged` shows.
    std::span<const std::byte> front() noexcept {
        while (!empty()) {
            if (seen_head_ - next_ > bytes_ || seen_head_ % cache_line != 0) {
                damaged_ = true;
                return {};
            }
            const auto at = next_ & (bytes_ - 1);
            std::uint32_t first_word = 0;
            std::memcpy(&first_word, base_ + at, sizeof first_word);
            if (first_word != wrap_mark || at == 0)
                return {base_ + at, static_cast<std::size_t>(std::min(seen_head_ - next_, bytes_ - at))};
            if (seen_head_ - next_ <= bytes_ - at) { // a wrap with nothing behind it is never published
                damaged_ = true;
                return {};
            }
            next_ += bytes_ - at;
        }
        return {};
    }

    bool damaged() const noexcept { return damaged_; }

    /// Passes the entry at the front without giving its bytes back yet.
    void pop(std::uint64_t bytes) noexcept { next_ += entry_size(bytes); }

    /// Gives the bytes of all passed entries back to the writer.
    void release() noexcept { tail_->store(next_, std::memory_order_release); }

    /// Position of the entry at the front.
    std::uint64_t position() const noexcept { return next_; }

    /// The bytes at a position, published or not: for the record that a dead worker left incomplete.
    std::span<const std::byte> at(std::uint64_t position) const noexcept {
        const auto offset = position & (bytes_ - 1);
        return {base_ + offset, static_cast<std::size_t>(bytes_ - offset)};
    }

  private:
    const std::byte* base_;
    std::uint64_t bytes_;
    const std::atomic<std::uint64_t>* head_;
    std::atomic<std::uint64_t>* tail_;
    std::uint64_t next_;
    std::uint64_t seen_head_;
    bool damaged_ = false;
};

} // namespace procpool::channel

#endif

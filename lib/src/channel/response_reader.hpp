// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_RESPONSE_READER_HPP
#define PROCPOOL_CHANNEL_RESPONSE_READER_HPP

#include "channel/layout.hpp"
#include "channel/ring.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace procpool::channel {

/// The outcomes of items [first, first + items) of a frame, as reported by the worker; `payload` is in memory
/// that the worker can write.
struct record {
    record_kind kind = record_kind::values;
    std::uint64_t sequence = 0;
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    std::uint64_t nanoseconds = 0;
    std::span<const std::byte> payload;
    std::optional<std::uint32_t> slot; // set: in the result arena; give it back with `release`
};

/// The parent's end of a response ring. No number from the worker is trusted: each is checked.
///
/// Thread safety: one thread at a time, except for `anything` and `release`.
class response_reader {
  public:
    /// `start`: the position of the first record in the ring.
    response_reader(channel::control& shared, std::span<const std::byte> ring,
                    std::span<const std::byte> results, std::uint64_t start = 0) noexcept
        : control_(&shared)
        , results_(results)
        , ring_(ring.data(), ring.size(), shared.response_head, shared.response_tail, start) {}

    bool empty() noexcept { return ring_.empty(); }
    /// The position up to which it was read, counted as control::response_head.
    std::uint64_t position() const noexcept { return ring_.position(); }
    /// Whether the worker wrote invalid data.
    bool damaged() const noexcept { return damaged_ || ring_.damaged(); }

    /// The record at the front; false if there is none, or it is invalid.
    bool front(record& out) noexcept {
        const auto bytes = ring_.front();
        if (bytes.empty())
            return false;
        if (bytes.size() < sizeof(response_header)) {
            damaged_ = true;
            return false;
        }
        const auto header = copy_header(bytes);
        entry_bytes_ = sizeof header;
        if (!check(header, bytes.subspan(sizeof header), out))
            damaged_ = true;
        return !damaged_;
    }

    void pop() noexcept { ring_.pop(entry_bytes_); }
    /// Gives the ring bytes of all records that were popped back to the worker.
    void release_ring() noexcept { ring_.release(); }

    /// Gives a block of the result arena back.
    ///
    /// Thread safety: any thread.
    static void release_slot(channel::control& shared, std::uint32_t slot) noexcept {
        shared.released[slot].store(1, std::memory_order_release);
    }

    /// Called when the worker is dead and all its published records were read: the record under construction,
    /// with the items that it finished.
    bool unfinished(record& out) noexcept {
        const auto word = control_->building.load(std::memory_order_acquire);
        const auto items = static_cast<std::uint32_t>(word);
        if (items == 0 || damaged())
            return false;
        auto position = ring_.position();
        auto bytes = ring_.at(position);
        std::uint32_t first_word = 0;
        std::memcpy(&first_word, bytes.data(), sizeof first_word);
        if (first_word == wrap_mark) {
            position += bytes.size();
            bytes = ring_.at(position);
        }
        // The word contains the record's position: the dead worker may have published the record after all.
        if (static_cast<std::uint32_t>(position / cache_line) != static_cast<std::uint32_t>(word >> 32) ||
            bytes.size() < sizeof(response_header))
            return false;
        auto header = copy_header(bytes);
        if (header.slot != result_slots)
            return false;
        header.items = items;
        header.bytes = bytes.size() - sizeof header; // the length was not written yet; the items determine it
        return check(header, bytes.subspan(sizeof header), out);
    }

  private:
    /// The checked copy is the one that is used: the compiler must not read bytes again that a worker may
    /// have changed.
    static response_header copy_header(std::span<const std::byte> from) noexcept {
        response_header header;
        std::memcpy(&header, from.data(), sizeof header);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        return header;
    }

    bool check(const response_header& header, std::span<const std::byte> following, record& out) noexcept {
        const auto kind = static_cast<record_kind>(header.kind);
        if ((kind != record_kind::values && kind != record_kind::exception) || header.items == 0)
            return false;
        out = {kind, header.sequence, header.first, header.items, header.nanoseconds, {}, std::nullopt};
        if (header.slot == result_slots) {
            if (header.bytes > following.size())
                return false;
            out.payload = following.first(static_cast<std::size_t>(header.bytes));
            entry_bytes_ += out.payload.size();
            return true;
        }
        if (header.slot > result_slots || header.location > results_.size() ||
            header.bytes > results_.size() - header.location || header.location % 16 != 0)
            return false;
        out.payload = results_.subspan(static_cast<std::size_t>(header.location),
                                       static_cast<std::size_t>(header.bytes));
        out.slot = header.slot;
        return true;
    }

    channel::control* control_;
    std::span<const std::byte> results_;
    ring_reader ring_;
    std::size_t entry_bytes_ = 0;
    bool damaged_ = false;
};

} // namespace procpool::channel

#endif

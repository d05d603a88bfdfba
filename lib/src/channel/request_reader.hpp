// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_REQUEST_READER_HPP
#define PROCPOOL_CHANNEL_REQUEST_READER_HPP

#include "channel/argument_memory.hpp"
#include "channel/claim.hpp"
#include "channel/layout.hpp"
#include "channel/ring.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace procpool::channel {

/// A frame as the worker sees it. Its bytes stay in place until `request_reader::pop`.
struct frame {
    std::uint64_t sequence = 0;
    std::uint64_t task = 0;
    bool timed = false;
    std::uint32_t items = 0;
    std::uint32_t number = 0;             // of item 0
    std::span<const std::byte> function;  // the function object
    std::span<const std::byte> arguments; // of the items, one after the other
    std::atomic<std::uint64_t>* claim_word = nullptr;
};

/// The worker's end of a request ring.
///
/// Thread safety: one thread at a time.
class request_reader {
  public:
    /// `first`: as for the writer.
    request_reader(channel::control& shared, std::span<const std::byte> ring, const argument_view& arguments,
                   std::uint64_t first = 0) noexcept
        : control_(&shared)
        , arguments_(&arguments)
        , ring_(ring.data(), ring.size(), shared.request_head, shared.request_tail)
        , sequence_(first) {}

    bool empty() noexcept { return ring_.empty(); }

    /// The frame at the front. False: the frame is invalid. Requires: not empty.
    bool front(frame& out) noexcept {
        const auto bytes = ring_.front();
        request_header header;
        if (bytes.size() < sizeof header)
            return false;
        std::memcpy(&header, bytes.data(), sizeof header);
        auto payload = bytes.subspan(sizeof header);
        if (header.location() != 0)
            payload = arguments_->bytes(header.location(), header.bytes());
        if (header.bytes() > payload.size() || header.items_offset() > header.bytes() || header.items == 0)
            return false;
        payload = payload.first(static_cast<std::size_t>(header.bytes()));
        const auto items_at = static_cast<std::size_t>(header.items_offset());
        out = {sequence_,
               header.task & ~timed_mark,
               (header.task & timed_mark) != 0,
               header.items,
               header.number,
               payload.first(items_at),
               payload.subspan(items_at),
               &control_->claims[claim_index(sequence_)]};
        entry_bytes_ = sizeof header + (header.location() != 0 ? 0 : payload.size());
        return true;
    }

    /// Gives the bytes and the claim word of the frame from `front` back to the parent.
    void pop() noexcept {
        ring_.pop(entry_bytes_);
        ++sequence_;
        control_->frames_passed.store(sequence_, std::memory_order_release);
        ring_.release();
    }

  private:
    channel::control* control_;
    const argument_view* arguments_;
    ring_reader ring_;
    std::uint64_t sequence_;
    std::size_t entry_bytes_ = 0;
};

} // namespace procpool::channel

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_REQUESTS_HPP
#define PROCPOOL_CHANNEL_REQUESTS_HPP

#include "channel/argument_memory.hpp"
#include "channel/claim.hpp"
#include "channel/layout.hpp"
#include "channel/ring.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace procpool::channel {

/// The parent's end of a request ring: writes frames, and takes unclaimed items back.
///
/// Frames are numbered in the order of writing.
///
/// Thread safety: one thread at a time.
class request_writer {
  public:
    /// `first`: the number of the first frame, which control::frames_passed must contain too.
    request_writer(channel::control& shared, std::span<std::byte> ring, std::uint64_t first = 0) noexcept
        : control_(&shared)
        , ring_(ring.data(), ring.size(), shared.request_head, shared.request_tail)
        , sequence_(first)
        , seen_passed_(first) {}

    /// Whether the worker wrote invalid data.
    bool damaged() const noexcept { return damaged_ || ring_.damaged(); }

    /// After a write found no room: the word in which the worker will report more room, and its value then.
    /// When the value has changed, a frame may fit.
    struct room_report {
        const std::atomic<std::uint64_t>* word = nullptr;
        std::uint64_t seen = 0;
    };
    const room_report& next_room() const noexcept { return next_room_; }

    /// Sequence number of the next frame.
    std::uint64_t next_sequence() const noexcept { return sequence_; }

    /// Writes a frame whose payload is `prefix` (the function object) followed by `items`. False: no room
    /// now.
    ///
    /// Requires: a payload of at most `inline_limit_bytes`; a `prefix` whose size is a multiple of 16.
    bool write(std::uint64_t task, std::uint32_t count, std::span<const std::byte> prefix,
               std::span<const std::byte> items, std::uint32_t number = 0) noexcept {
        const auto bytes = prefix.size() + items.size();
        auto* at = begin(count, sizeof(request_header) + bytes);
        if (at == nullptr)
            return false;
        put(at, request_header::of(count, number, task, bytes, 0, prefix.size()));
        at += sizeof(request_header);
        if (!prefix.empty())
            std::memcpy(at, prefix.data(), prefix.size());
        if (!items.empty())
            std::memcpy(at + prefix.size(), items.data(), items.size());
        publish(sizeof(request_header) + bytes);
        return true;
    }

    /// Writes a frame whose payload is in the argument memory.
    bool write_located(std::uint64_t task, std::uint32_t count, std::uint64_t location, std::uint64_t bytes,
                       std::uint64_t items_offset, std::uint32_t number = 0) noexcept {
        auto* at = begin(count, sizeof(request_header));
        if (at == nullptr)
            return false;
        put(at, request_header::of(count, number, task, bytes, location, items_offset));
        publish(sizeof(request_header));
        return true;
    }

    /// Takes back up to `at_most` unclaimed items of a frame, of which [`done`, `items`) are left as far as
    /// the parent knows.
    item_range take_back(std::uint64_t sequence, std::uint32_t at_most, std::uint32_t items,
                         std::uint32_t done = 0) noexcept {
        return channel::take_back(control_->claims[claim_index(sequence)], at_most, items, done);
    }

    /// How far the worker has claimed a frame.
    claim_state claimed(std::uint64_t sequence) const noexcept {
        return unpack(control_->claims[claim_index(sequence)].load(std::memory_order_acquire));
    }

  private:
    std::byte* begin(std::uint32_t count, std::size_t bytes) noexcept {
        if (sequence_ - seen_passed_ >= frame_slots) {
            const auto passed = control_->frames_passed.load(std::memory_order_acquire);
            if (passed - seen_passed_ > sequence_ - seen_passed_) {
                damaged_ = true;
                return nullptr;
            }
            seen_passed_ = passed;
            if (sequence_ - seen_passed_ >= frame_slots) {
                next_room_ = {&control_->frames_passed, seen_passed_};
                return nullptr;
            }
        }
        const auto room = ring_.reserve(bytes, bytes);
        if (room.empty()) {
            next_room_ = {&control_->request_tail, ring_.seen_tail()};
            return nullptr;
        }
        open_claim(control_->claims[claim_index(sequence_)], count);
        return room.data();
    }

    static void put(std::byte* at, const request_header& header) noexcept {
        std::memcpy(at, &header, sizeof header);
    }

    void publish(std::size_t bytes) noexcept {
        ring_.publish(bytes);
        ++sequence_;
    }

    channel::control* control_;
    ring_writer ring_;
    std::uint64_t sequence_;
    std::uint64_t seen_passed_;
    room_report next_room_;
    bool damaged_ = false;
};

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

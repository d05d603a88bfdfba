// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_RESPONSES_HPP
#define PROCPOOL_CHANNEL_RESPONSES_HPP

#include "channel/arena.hpp"
#include "channel/layout.hpp"
#include "channel/memory.hpp"
#include "channel/ring.hpp"
#include "channel/worker_sleeper.hpp"
#include "os/fault_point.hpp"
#include "os/waiting.hpp"

#include <procpool/encoder.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace procpool::channel {

/// The outcomes of items [first, first + items) of a frame, as reported by the worker; `payload` is in memory
/// that the worker can write.
struct record {
    record_kind kind = record_kind::values;
    std::uint32_t sequence = 0; // modulo 2^32
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    std::uint64_t begun = 0;       // when the first item began: steady clock, nanoseconds
    std::uint64_t nanoseconds = 0; // that each item took; 0: not measured
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
        out = {kind,         header.sequence,    header.first, header.items,
               header.begun, header.nanoseconds, {},           std::nullopt};
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

/// The doorbells of a parent. The way in which the parent sleeps determines which one to ring.
struct parent_bells {
    os::doorbell pool;
    os::doorbell collector;
};

/// The worker's end of a response ring: builds records of results, in order, and publishes them.
///
/// A record is of one kind. Values are collected in the record under construction until `flush`; results of a
/// fixed size are packed, others each follow a `detail::item_head` (run/layout.hpp). A value that is too large
/// for the ring goes to the arena, one value for each record, after its head there. `control::building`
/// contains the number of complete items of the record under construction (low half) and its position (high
/// half, in cache lines), so that they are not lost if the worker dies.
///
/// Objects that a value keeps alive are kept until the parent has read the value, which is therefore stored
/// in the arena.
///
/// Each record has the times of its items. A clock is read once for a record: the items that have begun since
/// the last record share the time evenly.
///
/// If there is no room, the writer publishes, rings, and waits for the parent.
///
/// Thread safety: one thread at a time.
class response_writer final : public encoder {
  public:
    /// `start`: the position of the first record in the ring.
    response_writer(const channel_memory& memory, const parent_bells& bells, worker_sleeper& sleeper,
                    std::uint64_t start = 0);
    ~response_writer() = default;

    /// All following results belong to this frame. Requires: nothing is under construction.
    void begin_frame(std::uint64_t sequence) noexcept { sequence_ = sequence; }

    /// Room for the packed values of items [first, first + `count`), each of `size` bytes; lowers `count` to
    /// the available room, at least 1. Write the values in order, calling `packed` after each.
    ///
    /// Requires: `size` <= `inline_limit_bytes`; 0 is allowed.
    std::byte* packed_room(std::uint32_t first, std::size_t size, std::uint32_t& count);
    /// The word that counts complete packed values, and its current value, to which each value adds one.
    std::atomic<std::uint64_t>& complete() const noexcept { return control_->building; }
    std::uint64_t complete_until_now() const noexcept { return building_place_ | items_; }
    /// The next `count` packed values are written. `complete` counts them already, or is updated here.
    void packed(std::uint32_t count, std::size_t size) noexcept {
        if (count == 0)
            return;
        used_ += count * size;
        items_ += count;
        control_->building.store(building_place_ | items_, std::memory_order_release);
        os::fault_point(os::fault_step::result_complete);
    }

    /// Begins the value of `item`: write it to this encoder, then call `end_value`, or `abandon_value`.
    ///
    /// Errors: writing throws codec_error if the value is larger than the arena, or if there is no memory for
    ///         it.
    encoder& begin_value(std::uint32_t item);
    void end_value();
    void abandon_value();

    /// Begins the exception of `item`; it ends as a value does, and is published at once.
    encoder& begin_exception(std::uint32_t item);

    /// Keeps an object alive for the value under construction.
    ///
    /// Errors: those of writing.
    void keep(std::shared_ptr<const void> what) override;
    /// Whether an object is kept alive for a published value.
    bool keeps_something() const noexcept { return keeping_slots_ != 0; }
    /// Whether the parent has read a value for which an object is kept.
    bool can_let_go() const noexcept;
    /// Releases the objects of values that the parent has read.
    void let_go();

    using clock = std::chrono::steady_clock;

    /// The worker has waited until `now`, without an item.
    void resume(clock::time_point now) noexcept { measured_until_ = now; }
    /// `count` items have begun since the last call.
    void begun(std::uint32_t count) noexcept { begun_ += count; }
    /// The end of the items of the last record, or of waiting.
    clock::time_point measured_until() const noexcept { return measured_until_; }

    /// Publishes the record under construction.
    void flush(clock::time_point now = clock::now());
    /// Likewise for the last time in a frame, without waking the parent: the caller wakes it when the frame
    /// has been passed, so that one wake-up reports both results and room.
    void flush_last();

    /// Wakes the parent, so that it checks this channel, in whatever way it sleeps.
    ///
    /// Thread safety: any thread.
    void wake_parent() const noexcept;

  private:
    void open_record(record_kind kind, std::uint32_t first);
    bool has_complete_items() noexcept;
    void measure(clock::time_point now) noexcept;
    void publish_record(std::uint64_t bytes, clock::time_point now);
    void publish_and_wake(std::uint64_t bytes, clock::time_point now);
    void flush_for_room();
    void start_encoding() noexcept;
    void grow(std::size_t more) override;
    void move_to_own_record();
    void move_to_arena(std::uint64_t bytes);

    using kept_objects = std::vector<std::shared_ptr<const void>>;
    struct place {
        std::uint32_t slot = 0;
        bool warm = false;
    };
    std::optional<place> take_place(std::uint64_t bytes);
    void free_block(std::uint32_t slot);
    void free_cold_block(std::uint32_t slot);

    channel::control* control_;
    const channel_memory* memory_;
    const parent_bells* bells_;
    worker_sleeper* sleeper_;
    ring_writer ring_;
    arena arena_;
    std::array<block, result_slots> blocks_{}; // 0 bytes: the slot is free
    std::array<kept_objects, result_slots> kept_in_slot_;
    std::size_t keeping_slots_ = 0; // published slots that keep objects

    clock::time_point measured_until_ = clock::now();
    std::uint32_t begun_ = 0; // items that have begun and whose times were not published

    // The record under construction.
    std::byte* record_ = nullptr; // its header; null: no record
    response_header header_{};
    std::uint64_t building_place_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t used_ = 0;  // payload bytes of complete items
    std::uint32_t items_ = 0; // complete items
    // The value under construction.
    std::uint32_t item_ = 0;
    std::optional<std::uint32_t> slot_; // the block of the arena that contains it
    kept_objects kept_;
};

} // namespace procpool::channel

#endif

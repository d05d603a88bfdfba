// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_LAYOUT_HPP
#define PROCPOOL_CHANNEL_LAYOUT_HPP

#include "channel/sleep.hpp"
#include "os/crash_watch.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The memory that the parent and one worker share, byte for byte. Both are the same executable, so this is
// not a wire format: the layout only has to be the same in both. The memory of a channel contains, one after
// the other,
//
//     control     parent rw, worker rw    indices, claim words, sleep words
//     requests    parent rw, worker ro    ring of frames
//     responses   parent ro, worker rw    ring of records
//     results     parent ro, worker rw    arena for results that do not fit the ring
//
// The pool's argument memory, mapped read-only by every worker, holds arguments too big for a ring.

namespace procpool::channel {

// Gibibytes of addresses are reserved for each worker.
static_assert(sizeof(void*) == 8 && sizeof(std::size_t) == 8,
              "procpool: only programs of 64 bits are supported; build for a 64-bit system");

inline constexpr std::size_t cache_line = 64;

/// Maximum number of frames that one worker may have; a power of two.
inline constexpr std::uint32_t frame_slots = 1024;
/// Maximum number of results of one worker in its arena.
inline constexpr std::uint32_t result_slots = 64;

inline constexpr std::uint64_t request_ring_bytes = 128 * 1024;
inline constexpr std::uint64_t response_ring_bytes = 256 * 1024;
/// Parts start at multiples of the largest mapping granularity of any system.
inline constexpr std::uint64_t part_alignment = 64 * 1024;
inline constexpr std::uint64_t control_bytes = part_alignment;
inline constexpr std::uint64_t requests_offset = control_bytes;
/// A larger payload is stored in an arena; the ring then carries only its position.
inline constexpr std::uint64_t inline_limit_bytes = 16 * 1024;

inline constexpr auto initially_awake = static_cast<std::uint32_t>(sleep::awake);

/// Every word that one side writes and the other reads has a cache line of its own.
struct control {
    // Written by the parent.
    alignas(cache_line) std::atomic<std::uint64_t> request_head;  // bytes published
    alignas(cache_line) std::atomic<std::uint64_t> response_tail; // bytes consumed
    alignas(cache_line) std::atomic<std::uint32_t> goodbye;       // 1: end when there is nothing left to do
    // Written by the parent if it reads the output of the worker: see printed_output.
    alignas(cache_line) std::atomic<std::uint64_t> output_read; // bytes read, and their task looked up
    std::atomic<std::uint32_t> output_handled{1};               // 0: bytes may have left a pipe since
    std::atomic<std::uint32_t> output_paused;                   // 1: it does not read now
    // Written by the worker.
    alignas(cache_line) std::atomic<std::uint64_t> request_tail;  // bytes consumed
    std::atomic<std::uint64_t> frames_passed;                     // frames whose claim words it is done with
    alignas(cache_line) std::atomic<std::uint64_t> response_head; // bytes published
    alignas(cache_line) std::atomic<std::uint64_t> building;      // see response_writer
    alignas(cache_line) std::atomic<std::uint64_t> running;       // see item_id; only for timed frames
    std::atomic<std::int64_t> running_since;                      // steady clock, nanoseconds
    std::atomic<double> reported;                                 // this_task::report, of the item that runs
    std::atomic<std::int64_t> clock_read;                      // likewise: its last reading before the item
    alignas(cache_line) std::atomic<std::uint64_t> given_back; // how often claimed items were given back
    // Written by both.
    alignas(cache_line) std::atomic<std::uint32_t> worker_asleep{initially_awake};
    alignas(cache_line) std::atomic<std::uint32_t> parent_asleep{initially_awake};
    alignas(cache_line) std::atomic<std::uint64_t> claims[frame_slots];    // see claim
    alignas(cache_line) std::atomic<std::uint32_t> released[result_slots]; // 1: the parent has done with it
    // Written by a worker that crashes.
    alignas(cache_line) os::crash_record crash;
    // Written by a worker when it is asked where its task is: by pool::stack_of, or to stop an item.
    alignas(cache_line) os::stack_record stacks[2];
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
                  std::atomic<std::uint32_t>::is_always_lock_free &&
                  std::atomic<std::int64_t>::is_always_lock_free && std::atomic<double>::is_always_lock_free,
              "procpool: a lock-based atomic cannot be shared between processes");
static_assert(std::is_standard_layout_v<control>);
// There is no padding between the words of a line, and only records of stacks after the last line.
static_assert(offsetof(control, output_paused) == offsetof(control, output_read) + 12);
static_assert(offsetof(control, frames_passed) == offsetof(control, request_tail) + 8);
static_assert(offsetof(control, clock_read) == offsetof(control, running) + 24);
static_assert(sizeof(control) % cache_line == 0 &&
              offsetof(control, crash) + sizeof(os::crash_record) <= offsetof(control, stacks));

/// Indices in control::stacks. The request for `on_demand` is a number; for `at_stop`, the item or frame to stop.
inline constexpr std::size_t stack_on_demand = 0;
inline constexpr std::size_t stack_at_stop = 1;

/// Index of the claim word of a frame. Consecutive frames have distant words, so that the parent can open one
/// frame while the worker claims the one before without sharing a cache line.
constexpr std::uint32_t claim_index(std::uint64_t sequence) noexcept {
    constexpr std::uint32_t words_per_line = cache_line / sizeof(std::uint64_t);
    constexpr std::uint32_t lines = frame_slots / words_per_line;
    const auto slot = static_cast<std::uint32_t>(sequence % frame_slots);
    return slot % lines * words_per_line + slot / lines;
}

/// Identifies an item among those of the last 2^31 frames; never 0. A stored id must be cleared when its
/// frame has ended, because the id is reused for an item of a later frame.
constexpr std::uint64_t item_id(std::uint64_t sequence, std::uint32_t item) noexcept {
    return (sequence | 0x8000'0000) << 32 | item;
}
/// Replaces the item in the id of a whole frame. No frame has that many items.
inline constexpr std::uint32_t whole_frame = 0xffff'ffff;

constexpr std::uint64_t frame_id(std::uint64_t sequence) noexcept {
    return item_id(sequence, whole_frame);
}
constexpr std::uint64_t frame_of(std::uint64_t id) noexcept {
    return id | whole_frame;
}
constexpr std::uint32_t item_of(std::uint64_t id) noexcept {
    return static_cast<std::uint32_t>(id);
}
/// The same frame, another item.
constexpr std::uint64_t with_item(std::uint64_t id, std::uint32_t item) noexcept {
    return id >> 32 << 32 | item;
}
/// Whether the frame of `id` is that of `other`, or an earlier one.
constexpr bool is_not_later(std::uint64_t id, std::uint64_t other) noexcept {
    return ((other >> 32) - (id >> 32)) % 0x8000'0000 < 0x4000'0000;
}
static_assert(item_id(0xffff'ffff, 0) != 0 && item_id(UINT64_MAX, 0) != 0);

/// Stored in place of an entry's first word: the next entry is at the start of the ring.
inline constexpr std::uint32_t wrap_mark = 0xffff'ffff;

/// In request_header::task: the worker records the start of each item, and publishes after each.
inline constexpr std::uint64_t timed_mark = std::uint64_t{1} << 63;

/// Identifies the function that runs items: the number of its module (see module_table) and its offset in the
/// module.
constexpr std::uint64_t task_id(std::uint32_t module, std::uint64_t offset) noexcept {
    return std::uint64_t{module} << 48 | offset;
}
inline constexpr std::uint32_t max_modules = 0x7fff;
inline constexpr std::uint64_t max_offset = (std::uint64_t{1} << 48) - 1;
constexpr std::uint32_t module_of_task(std::uint64_t task) noexcept {
    return static_cast<std::uint32_t>(task >> 48) & max_modules;
}
constexpr std::uint64_t offset_of_task(std::uint64_t task) noexcept {
    return task & max_offset;
}

/// Head of a frame: some items of one call. The payload follows, or is in the argument memory.
struct request_header {
    std::uint32_t items;  // 1 or more
    std::uint32_t number; // of the first item, modulo 2^32: see this_task::seed
    std::uint64_t task;   // a task_id, and perhaps timed_mark
    std::uint64_t bytes_and_offset;
    std::uint64_t location_and_offset;

    /// Size of the payload.
    constexpr std::uint64_t bytes() const noexcept { return bytes_and_offset & max_payload_bytes; }
    /// 0: the payload follows; else its offset in the argument memory.
    constexpr std::uint64_t location() const noexcept { return location_and_offset & max_payload_bytes; }
    /// Offset of the first item in the payload; the function object is at 0.
    constexpr std::uint64_t items_offset() const noexcept {
        return bytes_and_offset >> payload_bits | location_and_offset >> payload_bits << (64 - payload_bits);
    }

    /// Requires: sizes and offsets of at most `max_payload_bytes`.
    static constexpr request_header of(std::uint32_t items, std::uint32_t number, std::uint64_t task,
                                       std::uint64_t bytes, std::uint64_t location,
                                       std::uint64_t items_offset) noexcept {
        return {items, number, task, bytes | items_offset << payload_bits,
                location | items_offset >> (64 - payload_bits) << payload_bits};
    }
    static constexpr int payload_bits = 40;
    static constexpr std::uint64_t max_payload_bytes = (std::uint64_t{1} << payload_bits) - 1;
};
static_assert(sizeof(request_header) == 32);

enum class record_kind : std::uint16_t { values = 1, exception = 2 };

/// Head of a record: the outcomes of some consecutive items of a frame. With a result of up to 16 bytes it
/// takes one cache line.
struct response_header {
    std::uint16_t kind;        // a record_kind
    std::uint16_t slot;        // of the result arena; result_slots: the payload follows
    std::uint32_t sequence;    // of the frame, counted from 0, modulo 2^32
    std::uint32_t first;       // item in the frame
    std::uint32_t items;       // 1 or more
    std::uint64_t bytes;       // of the payload
    std::uint64_t location;    // offset in the result arena
    std::uint64_t begun;       // when the first item began: steady clock, nanoseconds
    std::uint64_t nanoseconds; // that each item took, 0: not measured
};
static_assert(sizeof(response_header) == 48);

} // namespace procpool::channel

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_RESPONSE_WRITER_HPP
#define PROCPOOL_CHANNEL_RESPONSE_WRITER_HPP

#include "channel/arena.hpp"
#include "channel/layout.hpp"
#include "channel/memory.hpp"
#include "channel/ring.hpp"
#include "channel/worker_sleeper.hpp"
#include "os/doorbell.hpp"
#include "os/fault_point.hpp"

#include <procpool/encoder.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace procpool::channel {

/// The bells of a parent: which one to ring depends on how it sleeps.
struct parent_bells {
    os::doorbell pool;
    os::doorbell collector;
};

/// The worker's end of a response ring: builds records of results, in order, and publishes them.
///
/// A record is of one kind. Values are gathered in the record under construction until `flush`; results of a
/// fixed size lie packed, others each behind a `value_header`. What outgrows the ring goes to the arena, one
/// value a record, behind its header there. `control::building` says how many items of the record under
/// construction are complete (low half) and where it is (high half, in cache lines), so that they are not
/// lost if the worker dies.
///
/// What a value keeps alive is kept until the parent has read the value, which therefore goes to the arena.
///
/// Where there is no room it waits for the parent, after publishing and ringing.
/// Thread safety: one thread at a time.
class response_writer final : public encoder {
  public:
    /// Size of a value that has no fixed size, before it; a multiple of 16.
    struct alignas(16) value_header {
        std::uint64_t bytes = 0;
    };

    /// `start`: the position of the first record in the ring.
    response_writer(const channel_memory& memory, const parent_bells& bells, worker_sleeper& sleeper,
                    std::uint64_t start = 0);
    ~response_writer() = default;

    /// All that follows belongs to this frame.
    /// Requires: nothing is under construction.
    void begin_frame(std::uint64_t sequence) noexcept { sequence_ = sequence; }

    /// Room for the packed values of items [first, first + `count`), each of `size` bytes; lowers `count` to
    /// what there is room for, at least 1. Fill in order, calling `packed` after each.
    /// Requires: `size` <= `inline_limit_bytes`; 0 is fine.
    std::byte* packed_room(std::uint32_t first, std::size_t size, std::uint32_t& count);
    /// Where it is said that packed values are complete, and what stands there now: one more for each.
    std::atomic<std::uint64_t>& complete() const noexcept { return control_->building; }
    std::uint64_t complete_until_now() const noexcept { return building_place_ | items_; }
    /// The next `count` packed values are there, as `complete` says by now, or is made to say.
    void packed(std::uint32_t count, std::size_t size) noexcept {
        if (count == 0)
            return;
        used_ += count * size;
        items_ += count;
        control_->building.store(building_place_ | items_, std::memory_order_release);
        os::fault_point(os::fault_step::result_complete);
    }

    /// Begins the value of `item`: write it to this encoder, then call `end_value`, or `abandon_value`.
    /// Errors of writing: codec_error if the value is larger than the arena, or the machine has no memory for
    /// it.
    encoder& begin_value(std::uint32_t item);
    void end_value();
    void abandon_value();

    /// Begins the exception of `item`; ends as a value does, and is published at once.
    encoder& begin_exception(std::uint32_t item);

    /// For the value under construction.
    /// Errors: those of writing.
    void keep(std::shared_ptr<const void> what) override;
    /// Is anything kept for a value that is published?
    bool keeps_something() const noexcept { return keeping_slots_ != 0; }
    /// Has the parent read a value for which something is kept?
    bool can_let_go() const noexcept;
    /// Lets go of what was kept for values that the parent has read.
    void let_go();

    /// Publishes what is under construction. `nanoseconds`: what an item took, 0 if not measured.
    void flush(std::uint64_t nanoseconds);
    /// Likewise for the last time in a frame, without waking the parent: the caller does so when the frame
    /// has been passed, so that one call tells the parent of results and of room.
    void flush_last(std::uint64_t nanoseconds);

    /// The parent looks at this channel, however it waits. Thread safety: any.
    void wake_parent() const noexcept;

  private:
    void open_record(record_kind kind, std::uint32_t first);
    void publish_record(std::uint64_t bytes, std::uint64_t nanoseconds);
    void publish_and_wake(std::uint64_t bytes, std::uint64_t nanoseconds);
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
    void give_back(std::uint32_t slot);
    void give_back_cold(std::uint32_t slot);

    channel::control* control_;
    const channel_memory* memory_;
    const parent_bells* bells_;
    worker_sleeper* sleeper_;
    ring_writer ring_;
    arena arena_;
    std::array<block, result_slots> blocks_{}; // of 0 bytes: the slot is free
    std::array<kept_objects, result_slots> kept_in_slot_;
    std::size_t keeping_slots_ = 0; // that are published and keep something

    // The record under construction.
    std::byte* record_ = nullptr; // its header; null: there is none
    response_header header_{};
    std::uint64_t building_place_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t used_ = 0;  // payload bytes of complete items
    std::uint32_t items_ = 0; // complete items
    // The value under construction.
    std::uint32_t item_ = 0;
    std::optional<std::uint32_t> slot_; // it lies in this block of the arena
    kept_objects kept_;
};

} // namespace procpool::channel

#endif

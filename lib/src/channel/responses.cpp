// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/responses.hpp"

#include "channel/worker_sleeper.hpp"
#include "os/fault_point.hpp"
#include "os/memory.hpp"

#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/run/layout.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace procpool::channel {

using detail::item_head;

namespace {

// A record always has room for the largest value that may lie in the ring.
constexpr std::uint64_t record_room =
    entry_size(sizeof(response_header) + sizeof(item_head) + inline_limit_bytes);
static_assert(record_room <= response_ring_bytes / 2);

constexpr std::uint64_t warm_result_bytes = std::uint64_t{32} << 20;
constexpr std::uint64_t result_page_bytes = 64 * 1024;

} // namespace

response_writer::response_writer(const channel_memory& memory, const parent_bells& bells,
                                 worker_sleeper& sleeper, std::uint64_t start)
    : encoder(nullptr, 0)
    , control_(&memory.control())
    , memory_(&memory)
    , bells_(&bells)
    , sleeper_(&sleeper)
    , ring_(memory.responses().data(), memory.responses().size(), control_->response_head,
            control_->response_tail, start)
    , arena_(0, memory.results().size() / result_page_bytes * result_page_bytes, result_page_bytes,
             warm_result_bytes) {}

void response_writer::open_record(record_kind kind, std::uint32_t first) {
    auto room = ring_.reserve(record_room, record_room);
    if (room.empty()) {
        sleeper_->until([&] {
            room = ring_.reserve(record_room, record_room);
            return !room.empty() || ring_.damaged();
        });
    }
    if (room.empty())
        end_of_damage("response ring");
    record_ = room.data();
    header_ = {static_cast<std::uint16_t>(kind),
               result_slots,
               static_cast<std::uint32_t>(sequence_),
               first,
               0,
               0,
               0,
               0,
               0};
    std::memcpy(record_, &header_, sizeof header_);
    building_place_ = ring_.position() / cache_line << 32;
    used_ = 0;
    items_ = 0;
}

/// Sets the times of the items of the record. Other items may have begun too: the one whose result needs room
/// in another record, and items whose results come later.
void response_writer::measure(clock::time_point now) noexcept {
    const auto share = std::max(begun_, items_);
    const auto each = std::max<std::chrono::nanoseconds>(
        std::chrono::nanoseconds(1), std::chrono::nanoseconds(now - measured_until_) / share);
    header_.begun =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(measured_until_.time_since_epoch()).count());
    header_.nanoseconds = static_cast<std::uint64_t>(each.count());
    begun_ = share - items_;
    measured_until_ =
        begun_ == 0 ? now : measured_until_ + std::chrono::duration_cast<clock::duration>(each * items_);
}

void response_writer::publish_record(std::uint64_t bytes, clock::time_point now) {
    header_.items = items_;
    measure(now);
    if (header_.slot == result_slots)
        header_.bytes = bytes;
    std::memcpy(record_, &header_, sizeof header_);
    ring_.publish(sizeof header_ + bytes);
    os::fault_point(os::fault_step::published);
    // In this order: if the worker dies in between, the items are published, and its building word names a
    // published record, which the parent does not read again.
    control_->building.store(0, std::memory_order_release);
    record_ = nullptr;
}

void response_writer::publish_and_wake(std::uint64_t bytes, clock::time_point now) {
    publish_record(bytes, now);
    wake_parent();
    os::fault_point(os::fault_step::parent_woken);
    if (keeping_slots_ != 0)
        let_go();
}

void response_writer::wake_parent() const noexcept {
    bool rung = true;
    switch (wake_needed(control_->parent_asleep)) {
    case sleep::awake:
        break;
    case sleep::on_doorbell:
        rung = bells_->pool.ring();
        break;
    case sleep::as_collector:
        rung = bells_->collector.ring();
        break;
    default: // a stray write has changed the word, which no longer shows how the parent sleeps
        rung = bells_->pool.ring();
        rung = bells_->collector.ring() && rung;
    }
    if (!rung)
        end_of_damage("doorbell"); // the end of this process wakes the parent
}

/// An empty record is dropped: the next one may belong to another frame.
bool response_writer::has_complete_items() noexcept {
    if (record_ != nullptr && items_ != 0)
        return true;
    record_ = nullptr;
    return false;
}

void response_writer::flush(clock::time_point now) {
    if (!has_complete_items())
        return;
    os::fault_point(os::fault_step::publishing);
    publish_and_wake(used_, now);
}

void response_writer::flush_last() {
    if (!has_complete_items())
        return;
    os::fault_point(os::fault_step::publishing);
    publish_record(used_, clock::now());
}

/// The next result needs another record.
void response_writer::flush_for_room() {
    if (has_complete_items())
        flush();
}

std::byte* response_writer::packed_room(std::uint32_t first, std::size_t size, std::uint32_t& count) {
    constexpr auto room = record_room - sizeof(response_header);
    if (record_ != nullptr && used_ + size > room)
        flush_for_room();
    if (record_ == nullptr)
        open_record(record_kind::values, first);
    if (size != 0)
        count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, (room - used_) / size));
    return record_ + sizeof header_ + used_;
}

encoder& response_writer::begin_value(std::uint32_t item) {
    constexpr auto enough = record_room / 4;
    if (record_ != nullptr && used_ + enough > record_room)
        flush_for_room();
    if (record_ == nullptr)
        open_record(record_kind::values, item);
    item_ = item;
    start_encoding();
    return *this;
}

encoder& response_writer::begin_exception(std::uint32_t item) {
    flush_for_room();
    open_record(record_kind::exception, item);
    item_ = item;
    start_encoding();
    return *this;
}

void response_writer::start_encoding() noexcept {
    auto* base = record_ + sizeof header_ + used_ + sizeof(item_head);
    rewind(0);
    rebase(base, static_cast<std::size_t>(record_ + record_room - base));
}

void response_writer::end_value() {
    const auto bytes = size();
    const item_head value{bytes};
    std::memcpy(base() - sizeof value, &value, sizeof value);
    if (slot_) {
        header_.slot = static_cast<std::uint16_t>(*slot_);
        header_.location = blocks_[*slot_].offset;
        header_.bytes = sizeof value + bytes;
        items_ = 1;
        if (!kept_.empty()) {
            kept_in_slot_[*slot_].swap(kept_);
            ++keeping_slots_;
        }
        slot_.reset();
        os::fault_point(os::fault_step::publishing_alone);
        publish_and_wake(0, clock::now());
        return;
    }
    used_ = detail::align_item(used_ + sizeof value + bytes);
    ++items_;
    if (header_.kind == static_cast<std::uint16_t>(record_kind::exception)) {
        os::fault_point(os::fault_step::publishing_alone);
        publish_and_wake(used_, clock::now());
    } else {
        control_->building.store(building_place_ | items_, std::memory_order_release);
        os::fault_point(os::fault_step::result_complete);
    }
}

void response_writer::abandon_value() {
    if (slot_)
        free_block(*std::exchange(slot_, std::nullopt));
    kept_.clear();
    rewind(0);
    // The complete values before it stay; an empty record is dropped.
    if (items_ == 0)
        record_ = nullptr;
}

void response_writer::grow(std::size_t more) {
    if (!slot_ && items_ != 0) {
        move_to_own_record();
        if (capacity() - size() >= more)
            return;
    }
    move_to_arena(size() + std::max(more, slot_ ? size() : 0));
}

void response_writer::keep(std::shared_ptr<const void> what) {
    kept_.push_back(std::move(what));
    if (slot_)
        return;
    if (items_ != 0)
        move_to_own_record();
    move_to_arena(size());
}

bool response_writer::can_let_go() const noexcept {
    if (keeping_slots_ == 0)
        return false;
    for (std::uint32_t i = 0; i != result_slots; ++i)
        if (!kept_in_slot_[i].empty() && control_->released[i].load(std::memory_order_acquire) != 0)
            return true;
    return false;
}

void response_writer::let_go() {
    for (std::uint32_t i = 0; keeping_slots_ != 0 && i != result_slots; ++i)
        if (!kept_in_slot_[i].empty() && control_->released[i].load(std::memory_order_acquire) != 0)
            free_block(i);
}

/// Moves the value from the record that it shares to a record of its own. The complete values are published
/// first. The header of the new record may overwrite the beginning of the value, which is therefore copied.
void response_writer::move_to_own_record() {
    const std::vector<std::byte> begun(base(), base() + size());
    const auto kind = static_cast<record_kind>(header_.kind);
    flush_for_room();
    open_record(kind, item_);
    start_encoding();
    write_bytes(begun.data(), begun.size());
}

void response_writer::move_to_arena(std::uint64_t bytes) {
    bytes += sizeof(item_head);
    const auto others_wait = [&] { // whether the parent still has other blocks to read
        return std::count_if(blocks_.begin(), blocks_.end(), [](block b) { return b.bytes != 0; }) >
               (slot_ ? 1 : 0);
    };
    auto taken = take_place(bytes);
    if (!taken) {
        // All complete values have been published, so the parent will release their blocks.
        sleeper_->until([&] {
            taken = take_place(bytes);
            return taken || !others_wait();
        });
    }
    if (!taken)
        detail::throw_codec_error("procpool: a result of at least " + std::to_string(bytes) +
                                  " bytes is larger than the shared memory reserved for results");
    os::fault_point(os::fault_step::result_block_taken);
    const auto at = blocks_[taken->slot];
    if (!taken->warm) {
        try {
            os::ensure_memory(memory_->memory(), channel_memory::results_offset() + at.offset, at.bytes);
        } catch (const std::exception& why) {
            free_cold_block(taken->slot); // not all of its pages were allocated
            detail::throw_codec_error("procpool: no memory for a result of at least " +
                                      std::to_string(bytes) + " bytes: " + why.what());
        }
    }
    auto* to = memory_->results().data() + at.offset + sizeof(item_head);
    std::memcpy(to, base(), size());
    rebase(to, static_cast<std::size_t>(at.bytes - sizeof(item_head)));
    os::fault_point(os::fault_step::result_block_filled);
    if (slot_)
        free_block(*slot_);
    slot_ = taken->slot;
}

/// Frees the blocks that the parent has read, then takes a free slot and a block for it. Nullopt: one of them
/// is not available now.
std::optional<response_writer::place> response_writer::take_place(std::uint64_t bytes) {
    for (std::uint32_t i = 0; i != result_slots; ++i)
        if (blocks_[i].bytes != 0 && control_->released[i].load(std::memory_order_acquire) != 0)
            free_block(i);
    const auto slot = std::find_if(blocks_.begin(), blocks_.end(), [](block b) { return b.bytes == 0; });
    if (slot == blocks_.end())
        return std::nullopt;
    const auto got = arena_.allocate(bytes);
    if (!got)
        return std::nullopt;
    *slot = got->taken;
    const auto index = static_cast<std::uint32_t>(slot - blocks_.begin());
    control_->released[index].store(0, std::memory_order_relaxed);
    return place{index, got->warm};
}

void response_writer::free_block(std::uint32_t slot) {
    if (!kept_in_slot_[slot].empty()) {
        kept_in_slot_[slot].clear();
        --keeping_slots_;
    }
    if (arena_.would_stay_warm(blocks_[slot].bytes))
        arena_.free_warm(std::exchange(blocks_[slot], {}));
    else
        free_cold_block(slot);
}

void response_writer::free_cold_block(std::uint32_t slot) {
    const auto freed = std::exchange(blocks_[slot], {});
    os::release_memory(memory_->memory(), channel_memory::results_offset() + freed.offset, freed.bytes);
    arena_.free_cold(freed);
}

} // namespace procpool::channel

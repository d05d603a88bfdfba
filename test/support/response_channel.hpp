// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RESPONSE_CHANNEL_HPP
#define PROCPOOL_TEST_RESPONSE_CHANNEL_HPP

#include "channel/memory.hpp"
#include "channel/responses.hpp"
#include "channel/sleep.hpp"
#include "channel/worker_sleeper.hpp"
#include "os/memory.hpp"
#include "os/waiting.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

// Both ends of a response ring in one process.
namespace procpool::test {

/// The outcome of an item.
struct outcome {
    channel::record_kind kind = channel::record_kind::values;
    std::vector<std::byte> bytes;

    friend bool operator==(const outcome&, const outcome&) = default;
};

using item_name = std::pair<std::uint64_t, std::uint32_t>; // frame, item
using outcomes = std::map<item_name, outcome>;

/// Splits a record into its items. `packed_size`: the size of the frame's values; nullopt: they have heads.
/// Errors: std::logic_error if the record is inconsistent, or has an item for the second time.
class record_parser {
  public:
    using packed_size = std::function<std::optional<std::size_t>(std::uint64_t sequence)>;

    explicit record_parser(packed_size size) : packed_size_(std::move(size)) {}

    void add(const channel::record& record, outcomes& into) const {
        auto rest = record.payload;
        const bool is_value = record.kind == channel::record_kind::values;
        const auto packed = is_value ? packed_size_(record.sequence) : std::nullopt;
        for (auto item = record.first; item != record.first + record.items; ++item) {
            std::span<const std::byte> value;
            if (packed)
                value = cut(rest, *packed);
            else
                value = cut_with_header(rest);
            outcome found{record.kind, {value.begin(), value.end()}};
            if (!into.emplace(item_name{record.sequence, item}, std::move(found)).second)
                throw std::logic_error("an item has two outcomes");
        }
    }

  private:
    static std::span<const std::byte> cut(std::span<const std::byte>& rest, std::size_t size) {
        if (size > rest.size())
            throw std::logic_error("a record is too short");
        const auto out = rest.first(size);
        rest = rest.subspan(size);
        return out;
    }
    static std::span<const std::byte> cut_with_header(std::span<const std::byte>& rest) {
        using header_type = detail::item_head;
        header_type header;
        std::memcpy(&header, cut(rest, sizeof header).data(), sizeof header);
        const auto value = cut(rest, header.bytes);
        const auto padding = (16 - value.size() % 16) % 16;
        cut(rest, std::min(padding, rest.size()));
        return value;
    }

    packed_size packed_size_;
};

/// A channel whose result arena has this size; `parent` and `worker` may be used by one thread each.
struct response_channel {
    /// `start`: the position of the first record in the ring.
    explicit response_channel(std::uint64_t arena_bytes, std::uint64_t start = 0)
        : memory(channel::channel_memory::adopt(
              os::shared_memory::create(channel::channel_memory::results_offset() + arena_bytes)))
        , writer(memory, bells, sleeper, start)
        , reader(control, memory.responses(), memory.results(), start) {
        control.response_head = start;
        control.response_tail = start;
    }

    channel::channel_memory memory;
    channel::control& control = memory.control();
    channel::parent_bells bells{os::doorbell::create(), os::doorbell::create()};
    os::doorbell worker_bell = os::doorbell::create();
    channel::worker_sleeper sleeper{control, worker_bell, 50};
    channel::response_writer writer;
    channel::response_reader reader;

    /// Writes the packed values of items [first, first + values.size()).
    void write_packed(std::uint32_t first, const std::vector<std::vector<std::byte>>& values) {
        for (std::size_t done = 0; done != values.size();) {
            auto count = static_cast<std::uint32_t>(values.size() - done);
            const auto size = values[done].size();
            auto* at = writer.packed_room(first + static_cast<std::uint32_t>(done), size, count);
            for (; count != 0; --count, at += size) {
                if (size != 0)
                    std::memcpy(at, values[done].data(), size);
                writer.packed(1, size);
                ++done;
            }
        }
    }
    void write_value(std::uint32_t item, std::span<const std::byte> value) {
        writer.begin_value(item).write_bytes(value.data(), value.size());
        writer.end_value();
    }
    void write_exception(std::uint32_t item, std::span<const std::byte> text) {
        writer.begin_exception(item).write_bytes(text.data(), text.size());
        writer.end_value();
    }

    /// Reads the published records, and releases ring and arena; blocks are kept if `kept_slots` is set.
    void collect(const record_parser& parser, outcomes& into,
                 std::vector<std::uint32_t>* kept_slots = nullptr) {
        channel::record record;
        while (reader.front(record)) {
            parser.add(record, into);
            reader.pop();
            if (record.slot && kept_slots != nullptr)
                kept_slots->push_back(*record.slot);
            else if (record.slot)
                channel::response_reader::release_slot(control, *record.slot);
        }
        BOOST_TEST_REQUIRE(!reader.damaged());
        reader.release_ring();
        ring_worker();
    }
    void ring_worker() {
        if (channel::wake_needed(control.worker_asleep) != channel::sleep::awake)
            worker_bell.ring();
    }
};

} // namespace procpool::test

#endif

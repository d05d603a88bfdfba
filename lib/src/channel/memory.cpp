// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/memory.hpp"

#include "channel/reserve.hpp"

#include <new>
#include <utility>

namespace procpool::channel {
namespace {

using boost::interprocess::mapped_region;
using boost::interprocess::read_only;
using boost::interprocess::read_write;

// Parts start at multiples of what any system maps at a time.
constexpr std::uint64_t part_alignment = 64 * 1024;
constexpr std::uint64_t control_bytes = part_alignment;
constexpr std::uint64_t requests_offset = control_bytes;
constexpr std::uint64_t responses_offset = requests_offset + request_ring_bytes;
constexpr std::uint64_t results_at = responses_offset + response_ring_bytes;
static_assert(sizeof(control) <= control_bytes && request_ring_bytes % part_alignment == 0 &&
              response_ring_bytes % part_alignment == 0);

constexpr std::uint64_t most_result_bytes = std::uint64_t{16} << 30;

mapped_region map(const os::shared_memory& memory, bool writable, std::uint64_t offset, std::uint64_t bytes) {
    mapped_region region(memory, writable ? read_write : read_only,
                         static_cast<boost::interprocess::offset_t>(offset), static_cast<std::size_t>(bytes));
    os::exclude_from_core_dump(region);
    return region;
}

} // namespace

channel_memory channel_memory::create() {
    return with_less_until_it_fits(most_result_bytes, [](std::uint64_t result_bytes) {
        return channel_memory(os::shared_memory::create(results_at + result_bytes), side::parent);
    });
}

channel_memory channel_memory::adopt(os::shared_memory memory) {
    return channel_memory(std::move(memory), side::worker);
}

channel_memory::channel_memory(os::shared_memory memory, side who)
    : memory_(std::move(memory))
    , control_(map(memory_, true, 0, control_bytes))
    , requests_(map(memory_, who == side::parent, requests_offset, request_ring_bytes))
    , responses_(map(memory_, who == side::worker, responses_offset, memory_.size() - responses_offset)) {
    if (who == side::parent) {
        for (const auto* region : {&control_, &requests_, &responses_})
            os::exclude_from_copies(*region);
        // Results are asked for when they are written; the rest is written without asking.
        os::ensure_memory(memory_, 0, sizeof(channel::control));
        os::ensure_memory(memory_, requests_offset, results_at - requests_offset);
        new (control_.get_address()) channel::control{}; // begins the lifetime of the atomics
    }
}

control& channel_memory::control() const noexcept {
    return *static_cast<channel::control*>(control_.get_address());
}

std::span<std::byte> channel_memory::requests() const noexcept {
    return {static_cast<std::byte*>(requests_.get_address()), requests_.get_size()};
}

std::span<std::byte> channel_memory::responses() const noexcept {
    return {static_cast<std::byte*>(responses_.get_address()), response_ring_bytes};
}

std::span<std::byte> channel_memory::results() const noexcept {
    return {static_cast<std::byte*>(responses_.get_address()) + response_ring_bytes,
            responses_.get_size() - response_ring_bytes};
}

std::uint64_t channel_memory::results_offset() noexcept {
    return results_at;
}

} // namespace procpool::channel

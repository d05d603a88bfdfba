// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/memory.hpp"

#include <new>
#include <utility>

namespace procpool::channel {
namespace {

constexpr std::uint64_t responses_offset = requests_offset + request_ring_bytes;
constexpr std::uint64_t results_at = responses_offset + response_ring_bytes;
static_assert(sizeof(control) <= control_bytes && request_ring_bytes % part_alignment == 0 &&
              response_ring_bytes % part_alignment == 0);

constexpr std::uint64_t max_result_bytes = std::uint64_t{16} << 30;
constexpr std::uint64_t parts_of_results = 16; // each worker takes one

os::access access_of(bool writes) {
    return writes ? os::access::read_write : os::access::read_only;
}

} // namespace

channel_memory channel_memory::create() {
    const auto most = bytes_to_reserve(max_result_bytes, os::reservable_memory(), parts_of_results);
    return with_less_until_it_fits(most, [](std::uint64_t result_bytes) {
        return channel_memory(os::shared_memory::create(results_at + result_bytes), side::parent);
    });
}

channel_memory channel_memory::adopt(os::shared_memory memory) {
    return channel_memory(std::move(memory), side::worker);
}

channel_memory::channel_memory(os::shared_memory memory, side own_side)
    : memory_(std::move(memory))
    , control_(memory_, os::access::read_write, 0, control_bytes)
    , requests_(memory_, access_of(own_side == side::parent), requests_offset, request_ring_bytes)
    , responses_(memory_, access_of(own_side == side::worker), responses_offset,
                 memory_.size() - responses_offset) {
    if (own_side == side::parent) {
        for (auto* each : {&control_, &requests_, &responses_})
            each->exclude_from_copies();
        // Memory for a result is ensured when the result is written; the other parts are written without a
        // check.
        os::ensure_memory(memory_, 0, sizeof(channel::control));
        os::ensure_memory(memory_, requests_offset, results_at - requests_offset);
        new (control_.data()) channel::control{}; // begins the lifetime of the atomics
    }
}

control& channel_memory::control() const noexcept {
    return *reinterpret_cast<channel::control*>(control_.data());
}

std::span<std::byte> channel_memory::requests() const noexcept {
    return {requests_.data(), requests_.size()};
}

std::span<std::byte> channel_memory::responses() const noexcept {
    return {responses_.data(), response_ring_bytes};
}

std::span<std::byte> channel_memory::results() const noexcept {
    return {responses_.data() + response_ring_bytes, responses_.size() - response_ring_bytes};
}

std::uint64_t channel_memory::results_offset() noexcept {
    return results_at;
}

} // namespace procpool::channel

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Reads frames from a request ring with arbitrary content, as a worker does whose channel was overwritten:
// each frame either lies within its memory, or is rejected.

#include "channel/requests.hpp"

#include "os/memory.hpp"
#include "support/channel_parts.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

namespace channel = procpool::channel;
using procpool::test::lies_in;
using procpool::test::part;

namespace {

constexpr std::size_t ring_bytes = 4096;
constexpr std::uint64_t argument_bytes = 64 * 1024;

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// Reads all bytes, so that a sanitizer detects missing ones.
void look_at(std::span<const std::byte> bytes) {
    static volatile std::byte sink{};
    for (const auto each : bytes)
        sink = sink ^ each;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto memory = procpool::os::shared_memory::create(argument_bytes);
    static const channel::argument_view arguments(memory);
    FuzzedDataProvider input(data, size);
    const auto control = std::make_unique<channel::control>();
    const part ring(ring_bytes);
    channel::request_reader reader(*control, ring.view(), arguments);
    for (int steps = 0; steps != 100 && input.remaining_bytes() != 0; ++steps) {
        const auto at = input.ConsumeIntegralInRange<std::size_t>(0, ring_bytes / 64 - 1) * 64;
        const auto bytes = input.ConsumeBytes<std::uint8_t>(
            std::min<std::size_t>(input.ConsumeIntegralInRange<std::size_t>(0, 96), ring_bytes - at));
        if (!bytes.empty())
            std::memcpy(ring.view().data() + at, bytes.data(), bytes.size());
        control->request_head =
            input.ConsumeBool()
                ? input.ConsumeIntegral<std::uint64_t>()
                : control->request_head + input.ConsumeIntegralInRange<std::uint64_t>(0, 64) * 64;
        while (!reader.empty()) {
            channel::frame frame;
            if (!reader.front(frame))
                return 0; // the worker would end
            require(frame.items != 0);
            require(frame.claim_word >= control->claims &&
                    frame.claim_word < control->claims + channel::frame_slots);
            look_at(frame.function);
            look_at(frame.arguments);
            const auto claimed = channel::claim(*frame.claim_word, 1);
            require(claimed.size() <= 1);
            reader.pop();
        }
    }
    return 0;
}

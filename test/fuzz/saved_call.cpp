// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Reads arbitrary bytes as the file of a saved call, also with a mark and a checksum that are right: the
// call is refused, or can be written as the same bytes again.

#include "saved_call/saved_call.hpp"

#include <procpool/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace procpool::saved_calls;

void read(std::span<const std::byte> bytes) {
    try {
        const auto copy = copy_of(bytes);
        const auto call = from_bytes(bytes);
        procpool::detail::heap_encoder again;
        to_bytes(call, again);
        if (!(call.copy == copy) || !std::ranges::equal(again.bytes(), bytes))
            std::abort();
        std::string why_not;
        if (find(call, why_not) == nullptr && why_not.empty())
            std::abort();
    } catch (const procpool::codec_error&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read(bytes);
    procpool::detail::heap_encoder signed_bytes;
    signed_bytes.write_bytes(mark.data(), mark.size());
    signed_bytes.write_bytes(bytes.data(), bytes.size());
    const auto sum = checksum_of(signed_bytes.bytes());
    signed_bytes.write_bytes(&sum, sizeof sum);
    read(signed_bytes.bytes());
    return 0;
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Overwrites words of the memory that a pool shows to procpool-top, and of a channel, some of them while they are
// read: the pool is refused, or reports of it can be written.

#include "support/shown_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::span rest(data, size);
    procpool::test::shown_pool shown;
    const auto damage = [&] {
        std::uint64_t change[2]; // where, and with what
        if (rest.size() < sizeof change)
            return;
        std::memcpy(change, rest.data(), sizeof change);
        rest = rest.subspan(sizeof change);
        shown.damage(change[0], change[1]);
    };
    for (std::size_t before = size == 0 ? 0 : data[0] % 8; before != 0; --before)
        damage();
    shown.at_each_read = damage;
    shown.check_reading();
    return 0;
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WORK_HPP
#define PROCPOOL_SCHEDULER_WORK_HPP

#include <cstdint>

namespace procpool::scheduling {

/// Identifies a call; its meaning is up to the owner.
using call_id = std::uintptr_t;

/// Items [first, first + items) of a call, which a worker gets as one frame.
struct work {
    call_id call = 0;
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    bool pinned = false; // item i is for worker i and no other

    work part(std::uint32_t from, std::uint32_t count) const noexcept { return {call, from, count, pinned}; }

    friend bool operator==(const work&, const work&) = default;
};

} // namespace procpool::scheduling

#endif

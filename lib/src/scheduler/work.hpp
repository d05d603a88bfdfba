// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WORK_HPP
#define PROCPOOL_SCHEDULER_WORK_HPP

#include <cstdint>

namespace procpool::scheduling {

/// Names a call; what it stands for is its owner's business.
using call_id = std::uintptr_t;

/// Items [first, first + items) of a call: what a worker is given at a time, as one frame.
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

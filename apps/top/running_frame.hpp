// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_RUNNING_FRAME_HPP
#define PROCPOOL_APPS_TOP_RUNNING_FRAME_HPP

#include "top/other_memory.hpp"

#include <cstdint>
#include <optional>

namespace top {

/// What a worker runs, as its channel shows it.
struct running_frame {
    bool any = false;  // it has a frame
    bool runs = false; // and has begun an item of it
    std::uint64_t task = 0;
    std::int64_t since = 0;
    double reported = 0;
};

/// `from`: the memory of the worker's channel. Nullopt: it is gone, or has nonsense.
std::optional<running_frame> read_frame(const memory& from);

} // namespace top

#endif

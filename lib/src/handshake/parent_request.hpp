// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_HANDSHAKE_PARENT_REQUEST_HPP
#define PROCPOOL_HANDSHAKE_PARENT_REQUEST_HPP

#include <cstddef>
#include <cstdint>

namespace procpool::serving {

/// A message from a parent over a worker's lifeline, also during a task.
struct parent_request {
    enum class kind : std::uint32_t {
        stop = 1,      // `item`: a channel::item_id, or a frame's
        end = 2,       // everything is abandoned: stop listening, and exit
        give_back = 3, // `item`: a frame's; other workers could run its claimed, unstarted items
        stack = 4,     // write the stack of the running task; `item`: the number of the request
    };

    kind what = kind::stop;
    std::uint32_t unused = 0;
    std::uint64_t item = 0;
};

/// One more than the last kind.
inline constexpr std::size_t parent_request_kinds = 5;

/// What a worker sends over its lifeline when it has answered a `stack` request.
inline constexpr char stack_written = 's';

} // namespace procpool::serving

#endif

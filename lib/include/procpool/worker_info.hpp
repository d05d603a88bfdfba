// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_INFO_HPP
#define PROCPOOL_WORKER_INFO_HPP

#include <cstddef>
#include <cstdint>

namespace procpool {

/// A worker at some moment.
struct worker_info {
    std::size_t index = 0;        ///< 0 to processes - 1; a replacement takes over its predecessor's
    long pid = 0;                 ///< 0 while there is no process
    std::uint64_t tasks_done = 0; ///< by all processes of this index; every item of a map counts
    bool busy = false;            ///< it has been given something that it has not finished
    double reported = 0;          ///< what its task said by this_task::report, 0 if it said nothing
};

} // namespace procpool

#endif

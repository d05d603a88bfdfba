// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_INFO_HPP
#define PROCPOOL_WORKER_INFO_HPP

#include <cstddef>
#include <cstdint>

namespace procpool {

/// The state of a worker at one moment.
struct worker_info {
    std::size_t index = 0;        ///< 0 to pool::size() - 1; a replacement has the same index
    long pid = 0;                 ///< 0 while no process is connected: starting, being replaced, or ended
    std::uint64_t tasks_done = 0; ///< tasks that ended with a value or an exception, in all processes of this
                                  ///< index; every item of a map counts
    bool busy = false;            ///< whether the worker has work that it has not finished
    double reported = 0;          ///< last value of this_task::report in the running task, else 0
};

} // namespace procpool

#endif

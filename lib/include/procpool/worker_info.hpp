// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_INFO_HPP
#define PROCPOOL_WORKER_INFO_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace procpool {

/// The state of a worker at one moment.
struct worker_info {
    /// 0 to pool::size() - 1; a replacement has the same index. With pool_options::min_processes, workers may be
    /// absent, so it need not be the position in pool::workers().
    std::size_t index = 0;
    /// Nullopt while no process is connected: starting, being replaced, or ended.
    std::optional<long> pid;
    /// Tasks that ended with a value or an exception, in all processes of this index. Every item of a map
    /// counts.
    std::uint64_t tasks_done = 0;
    /// Whether the worker has work that it has not finished.
    bool busy = false;
    /// The last value of this_task::report in the running task, else 0.
    double reported = 0;
    /// The name of the task that runs; empty if none does.
    std::string task_name;
    /// How long that task has run. A worker starts items of a map that take about a microsecond several at a
    /// time: then the time since the first of them was started.
    std::chrono::nanoseconds running_for{0};
    /// The number of processes that had this index before this one, as in this_worker::generation().
    std::uint64_t restarts = 0;
};

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OPTIONS_HPP
#define PROCPOOL_OPTIONS_HPP

#include <procpool/bind.hpp>
#include <procpool/progress.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace procpool {

/// Returns the number of CPUs that this process may use: its CPU affinity, limited by the CPU quota of its
/// control group; at least 1.
///
/// Source: Python, os.process_cpu_count.
std::size_t default_processes();

/// Options of a pool.
struct pool_options {
    /// Number of workers. Default: one for each usable CPU. 0, or more than 65536: std::invalid_argument.
    std::size_t processes = default_processes();
    /// Runs once in every worker before its first task, including replacements. A task without parameters can
    /// be assigned directly; `bind` stores the arguments of others. If it throws, or the worker is not ready
    /// within start_timeout, the start of the worker fails. Default: none.
    std::optional<bound_task<void>> initializer = std::nullopt;
    /// Number of tasks that a process runs before a new process replaces it; every item of a map counts. The
    /// replacement is started ahead of time. Default: no limit. 0: std::invalid_argument.
    std::optional<std::size_t> max_tasks_per_worker = std::nullopt;
    /// Time limit of tasks without a `timeout` of their own. Default: none.
    std::optional<std::chrono::nanoseconds> task_timeout = std::nullopt;
    /// Time limit from the start of a worker until it is ready, including the initializer. Default: 30 s.
    std::chrono::nanoseconds start_timeout = std::chrono::seconds(30);
    /// Time between asking a task to stop and killing its worker. Default: 500 ms.
    std::chrono::nanoseconds terminate_grace = std::chrono::milliseconds(500);
    /// Limit on the private memory of a worker in bytes; shared memory does not count. A task that needs more
    /// gets std::bad_alloc, or is lost with its worker. Default: no limit. 0: std::invalid_argument.
    std::optional<std::size_t> worker_memory_limit = std::nullopt;
    /// Executor of callbacks, which run one at a time. Default: a thread of the pool.
    ///
    /// Values do not depend on it. A thread that waits for a result with callbacks, or in join(), continues
    /// when the callbacks have run; if the thread belongs to the executor, it runs them itself. If the
    /// executor has stopped, or starts no callback within a second, the thread continues without waiting for
    /// it: the value is available, and the callbacks run when the executor runs again. The destructor does
    /// not wait for the executor.
    std::optional<boost::asio::any_io_executor> executor = std::nullopt;
    /// Shared objects with tasks that are not linked to the program. Workers load them in this order before
    /// their first task; the program loads them itself. A path without a slash is searched for as by
    /// dlopen(). If one cannot be loaded, the start of the worker fails. Default: none.
    std::vector<std::filesystem::path> libraries = {};
    /// Seed from which this_task::seed() is made, together with the number of the item or call. Default: 0.
    std::uint64_t seed = 0;
};

/// Options of a single call.
struct call_options {
    /// Time limit of the task, from the start of its execution. Default: pool_options::task_timeout.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    /// Number of times the task is run again if its worker is lost or it times out; never after another
    /// failure. Default: 0, so that no task runs twice.
    unsigned retries = 0;
};

/// Options of a map, a starmap or a stream.
struct map_options {
    /// Number of items that are sent together. Default: chosen from the number of items and workers; 1 for a
    /// stream. It affects the speed and never a result. 0: std::invalid_argument.
    std::optional<std::size_t> chunk_size = std::nullopt;
    /// As in call_options, for each item.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    unsigned retries = 0;
    /// Called with the progress, on the pool's executor: at most ten times a second, and once when all items
    /// have their outcome, before a waiting `get` returns. Its exceptions are passed to the function of
    /// set_unhandled.
    std::function<void(const progress&)> on_progress = nullptr;
    /// For a stream: the maximum number of items that are read from the input ahead of the reader. Default:
    /// twice the number of workers times the chunk size. 0: std::invalid_argument.
    std::optional<std::size_t> max_in_flight = std::nullopt;
};

} // namespace procpool

#endif

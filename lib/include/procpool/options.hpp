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

/// CPUs that this process may use: its affinity, and less if a control group grants less time; at least 1.
/// Source: Python, os.process_cpu_count.
std::size_t default_processes();

/// How to make a pool.
struct pool_options {
    /// How many workers. Default: one for each usable CPU. 0, or more than 65536: std::invalid_argument.
    std::size_t processes = default_processes();
    /// Run once in every worker before its first task; a replacement is a worker too. A task without
    /// parameters stands for itself; others are bound to their arguments by `bind`. If it throws, or takes
    /// longer than start_timeout allows, the worker could not be started. Default: none.
    std::optional<bound_task<void>> initializer = std::nullopt;
    /// How many tasks a process runs before another takes its place; every item of a map counts. The next
    /// process is started ahead. Default: no limit. 0: std::invalid_argument.
    std::optional<std::size_t> max_tasks_per_worker = std::nullopt;
    /// Time limit of tasks without a `timeout` of their own. Default: none.
    std::optional<std::chrono::nanoseconds> task_timeout = std::nullopt;
    /// How long a worker may take from its start until it is ready. Default: 30 s.
    /// The initializer counts.
    std::chrono::nanoseconds start_timeout = std::chrono::seconds(30);
    /// How long a task that is asked to stop may go on before its worker is ended. Default: 500 ms.
    std::chrono::nanoseconds terminate_grace = std::chrono::milliseconds(500);
    /// Bytes of private memory that a worker may use, all included; shared memory does not count. A task that
    /// wants more gets std::bad_alloc, or is lost with its worker. Default: no limit. 0:
    /// std::invalid_argument.
    std::optional<std::size_t> worker_memory_limit = std::nullopt;
    /// Where callbacks run, one at a time. Default: a thread of the pool's own.
    ///
    /// Values do not depend on it. A thread that waits for a result with callbacks, or in join(), goes on
    /// when they have run; if it is a thread of the executor itself, it runs them. If the executor has
    /// stopped, or has not taken a callback up within a second, it is not waited for: the value is there, and
    /// callbacks follow when it runs again. The destructor does not wait for it.
    std::optional<boost::asio::any_io_executor> executor = std::nullopt;
    /// Shared objects with tasks that are not linked to the program: workers load them before their first
    /// task, in this order. The program loads them itself. A path without a slash is looked for as by
    /// dlopen(). If one cannot be loaded, the worker could not be started. Default: none.
    std::vector<std::filesystem::path> libraries = {};
    /// What this_task::seed() is made of, beside the number of the item or call. Default: 0.
    std::uint64_t seed = 0;
};

/// How to run a single call.
struct call_options {
    /// How long the task may run, from the start of its execution. Default: pool_options::task_timeout.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    /// How often it is run again if its worker is lost or it times out; never after another failure. Default:
    /// 0, so that no task runs twice.
    unsigned retries = 0;
};

/// How to run a map, a starmap or a stream.
struct map_options {
    /// Items that are sent together. Default: chosen from the number of items and workers; 1 for a stream. It
    /// is a matter of speed and never changes a result. 0: std::invalid_argument.
    std::optional<std::size_t> chunk_size = std::nullopt;
    /// As in call_options, for each item.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    unsigned retries = 0;
    /// Told how far it is, on the pool's executor: now and then, ten times a second at most, and once when
    /// all items have their outcome, before a `get` that waits returns. What it throws goes to set_unhandled.
    std::function<void(const progress&)> on_progress = nullptr;
    /// Of a stream: how many items of the input are pulled ahead of the reader at most. Default: twice the
    /// workers times the chunk. 0: std::invalid_argument.
    std::optional<std::size_t> max_in_flight = std::nullopt;
};

} // namespace procpool

#endif

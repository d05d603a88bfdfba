// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OPTIONS_HPP
#define PROCPOOL_OPTIONS_HPP

#include <procpool/bind.hpp>
#include <procpool/progress.hpp>
#include <procpool/worker_output.hpp>
#include <procpool/worker_settings.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace procpool {

/// Returns the number of CPUs that this process may use: the CPUs of its affinity, but no more than the CPU
/// quota of its control group (Windows: its job) grants, rounded up; at least 1.
///
/// Source: Python, os.process_cpu_count.
std::size_t default_processes();

/// Options of a pool.
struct pool_options {
    /// Number of workers; with `min_processes`, the largest one. Default: one for each usable CPU. 0, or more
    /// than 65536: std::invalid_argument.
    std::size_t processes = default_processes();
    /// A task that every worker, including each replacement, runs once before its first other task and after
    /// `libraries` are loaded. A task without parameters can be assigned directly; `bind` stores the
    /// arguments of other tasks. If the initializer throws, or the worker is not ready within start_timeout,
    /// the start of the worker fails: see start_failed. task_timeout does not apply to it. Default: none.
    std::optional<bound_task<void>> initializer = std::nullopt;
    /// Number of tasks that a process runs before a new process replaces it; every item of a map counts, the
    /// initializer does not. The replacement is started ahead of time. Default: no limit. 0:
    /// std::invalid_argument.
    std::optional<std::size_t> max_tasks_per_worker = std::nullopt;
    /// Time limit of tasks without a `timeout` of their own. Default: none. Not positive:
    /// std::invalid_argument.
    std::optional<std::chrono::nanoseconds> task_timeout = std::nullopt;
    /// Time limit from the start of a worker until it is ready, including the initializer. Default: 30 s. Not
    /// positive: std::invalid_argument.
    std::chrono::nanoseconds start_timeout = std::chrono::seconds(30);
    /// Time between asking a task to stop and killing its worker, for cancel(), a time-out and terminate().
    /// terminate() does not grant it to a task that has not called this_task::stop_token(). Default: 500 ms.
    /// 0: kill at once. Negative: std::invalid_argument.
    std::chrono::nanoseconds terminate_grace = std::chrono::milliseconds(500);
    /// Limit on the private memory of a worker in bytes; shared memory does not count. A task that needs more
    /// gets std::bad_alloc, or is lost with its worker. Default: no limit. 0: std::invalid_argument. A limit
    /// that leaves no room for a task: start_failed.
    std::optional<std::size_t> worker_memory_limit = std::nullopt;
    /// Executor of callbacks, which run one at a time. Default: a thread of the pool.
    ///
    /// A thread that waits in join(), or for a result with callbacks, first waits until the callbacks have
    /// run; if it is a thread of the executor, it runs them itself. No value is lost to an executor that does
    /// not run: if the executor has stopped, or starts no callback within a second, the thread waits no
    /// longer, and the callbacks run when the executor runs again. Callbacks are dropped if the context of
    /// the executor is destroyed. The destructor of the pool does not wait for the executor.
    std::optional<boost::asio::any_io_executor> executor = std::nullopt;
    /// A task that every worker runs after its last other task if it ends in an orderly way: after close(),
    /// when resize() makes the pool smaller, when idle_timeout ends it, and when max_tasks_per_worker
    /// replaces it: then the next process of the worker may already be at work. A worker does not run it if
    /// it dies, if terminate() or the destructor of the pool ends it, or if close() finds it still starting.
    /// task_timeout applies to it. What it throws is passed to the function of set_unhandled, where callbacks
    /// run; so are worker_lost and task_timeout if the worker dies in it or is killed. It is not an item:
    /// workers() and stats() do not count it. Default: none.
    std::optional<bound_task<void>> finalizer = std::nullopt;
    /// Number of workers that always have a process; the constructor starts these. Each other worker is
    /// started when work waits and no worker is idle, or when a call names it, and ends after `idle_timeout`
    /// without work; its index may be started again. A broadcast starts all. pool::workers() has those that
    /// are there. After resize() to a smaller number, that number counts. 0: no process while there is
    /// nothing to do. Default: `processes`, and no worker ends. More than `processes`: std::invalid_argument.
    std::optional<std::size_t> min_processes = std::nullopt;
    /// How long a worker is idle before it ends, if there are more than `min_processes`. Those of the highest
    /// indices end first. Default: 10 s. 0: at once. Negative: std::invalid_argument.
    std::chrono::nanoseconds idle_timeout = std::chrono::seconds(10);
    /// Returns the settings of the worker with this index: its environment, CPUs, niceness and directory.
    /// Called in this process before each start of a process, replacements included: by the constructor and
    /// by resize() in the calling thread, else on `executor`; by default in a thread of the pool that runs
    /// nothing else. Calls may overlap those of callbacks, and those of another thread in resize(). Calls run
    /// one after another. If it throws, or has not returned within start_timeout after its turn came (because
    /// the executor does not run, for example), the start of the worker fails; a call that hangs fails the
    /// starts that wait for their turn, too, and join() and the destructor wait for it. Default: every worker
    /// is like this process.
    std::function<worker_settings(std::size_t index)> settings_for = nullptr;
    /// Called for each line that a worker, or a process that a task has started, writes to standard output or
    /// standard error: on the executor, like a callback, in the order of each stream of a worker. Workers
    /// then have pipes instead of the standard streams of this process, and the C library writes them line by
    /// line. What std::cout and stdout still have in their buffers is written when a task ends; a crash loses
    /// it. The last line of a process needs no end.
    ///
    /// What a worker wrote before it died arrives before the worker_lost of its task, unless the executor
    /// does not run, or a callback takes longer than three seconds. remote_info::output has the end of it. If
    /// lines come faster than they are taken, the parent stops reading, and the worker waits in its next
    /// write; so this function must not wait for a task that prints much. While the executor does not run, no
    /// task waits for it: output beyond 1 MiB is dropped, which is reported to the function of set_unhandled.
    /// Exceptions are passed to that function, too. Default: none, workers use the standard streams of this
    /// process.
    std::function<void(const worker_output&)> on_output = nullptr;
    /// For debugging: runs every task in this process, in one thread of the pool, one after the other in the
    /// order of priorities and submission, so that breakpoints, coverage and sanitizers see it. No process is
    /// started. Arguments and outcomes are encoded and decoded, results and exceptions are the same. Default:
    /// false. The environment variable PROCPOOL_IN_PROCESS=1 does it to every pool of a program.
    ///
    /// A crash or exit() of a task ends this process. A task cannot be killed: cancel(), a time-out and
    /// terminate() only request a stop. A cancelled task, or one that has timed out, gets task_cancelled or
    /// task_timeout when it ends; `retries` run it again. terminate() makes its result pool_terminated at
    /// once, but join() and the destructor wait until the task has ended, unless they are called in a
    /// callback. this_worker::active() is false, this_task::active() is true. The initializer and the
    /// finalizer run once, in the thread of the pool, and `libraries` are loaded in this process.
    /// max_tasks_per_worker, worker_memory_limit, terminate_grace and start_timeout have no effect, nor have
    /// min_processes, settings_for and on_output. workers() shows `size()` workers without a pid;
    /// remote_info::worker_pid is this process.
    ///
    /// A task that uses the pool that runs it gets std::logic_error; so does a codec that waits for the
    /// result that it is about to complete, and the second of two pools that wait for results of each other.
    /// A task may use a pool that it has made.
    bool in_process = false;
    /// For debugging: an existing folder in which a call is kept that cost its worker (worker_lost) or
    /// timed out (task_timeout), as a file `TASK-PID-N.call` that only the user can read.
    /// remote_info::saved_call is its path. It contains the function object and the arguments of that item
    /// alone. Calls that `retries` run again are saved when their last run fails; of a map_reduce, at most
    /// 256 items for each lost worker. A call that cannot be saved fails as always, with a remark in its
    /// text.
    ///
    /// `PROCPOOL_REPLAY=FILE ./program` runs the call again in init(), in that process, without the
    /// initializer of the pool. It prints what the task returned, if that can be printed by `<<`, and exits
    /// with 0; or what the task threw, and exits with 1; or, with 2, why the file cannot be run: it is
    /// damaged, or was written by another build of the program. A shared_array cannot be decoded then. The
    /// file is as trusted as the program: run only files that you know.
    ///
    /// Default: empty, no call is kept. Not a folder: std::invalid_argument.
    std::filesystem::path keep_failed_calls_in = {};
    /// File to which a trace of the pool is written, in the JSON trace-event format, which ui.perfetto.dev and
    /// chrome://tracing show: a track for each worker, with a slice for each item that has the name of the
    /// task, the index of the item and its outcome; arrows from its submission to its run and to the
    /// collection of its outcome; starts and ends of processes. An existing file is emptied. A file that
    /// cannot be written, is not a regular file, or to which another pool writes: start_failed.
    ///
    /// The file is complete when join() or the destructor of the pool returns. Before that it has all but the
    /// last tenth of a second. It is valid JSON at any time, unless the program or the machine ends in the
    /// middle of a write; then the end of the array is missing, which the viewers accept. If the file can no
    /// longer be written, for example because the disk is full, the trace ends there, the pool goes on, and
    /// the function of set_unhandled receives the boost::system::system_error. Default: none.
    std::filesystem::path trace = {};
    /// Shared objects that contain tasks and that the program is not linked to. A worker loads them in this
    /// order before its initializer; the pool does not load them in this process. A path without a slash is
    /// searched for as by dlopen(); another relative path is resolved in the constructor. If one cannot be
    /// loaded, the start of the worker fails. An empty path: std::invalid_argument. Default: none.
    std::vector<std::filesystem::path> libraries = {};
    /// Seed from which this_task::seed() is made, together with the number of the item or call. Default: 0.
    std::uint64_t seed = 0;
};

/// Options of a single call.
struct call_options {
    /// Time limit of the task, from the start of its execution; decoding arguments and encoding the result
    /// count, waiting in a queue does not. Each retry has the whole time. Default:
    /// pool_options::task_timeout. Not positive: std::invalid_argument.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    /// Number of times the task is run again if its worker is lost or it times out; never after another
    /// failure. Default: 0, so that no task runs twice.
    unsigned retries = 0;
    /// Calls and items of a higher priority start first: none starts while one of a higher priority waits
    /// that its worker could run. This holds across all functions, for queued work and for work that was
    /// already sent to a worker. Work that has started is not interrupted; items of less than a microsecond
    /// that a worker has claimed together count as started. Equal priorities start in the order of
    /// submission; retries keep the priority and the place in that order. Any value; default: 0.
    int priority = 0;
    /// Index of the worker that runs the task; retries run there, too. The worker runs such calls, and its
    /// parts of broadcasts, in the order of submission. They wait, like any call, until queued work of the
    /// same priority that was submitted before has been sent to workers. If the worker dies, its replacement
    /// runs the calls that had not started. A worker that resize() removes runs such calls before it exits.
    /// Default: any worker. Not below size(), or in a broadcast: std::invalid_argument.
    std::optional<std::size_t> worker = std::nullopt;
};

/// Options of a map, a starmap or a stream.
struct map_options {
    /// Number of items that are sent together, as one chunk. Default: chosen from the number of items and
    /// workers; 1 for a stream. It affects the speed and never a result. 0: std::invalid_argument.
    std::optional<std::size_t> chunk_size = std::nullopt;
    /// As call_options::timeout, for each item.
    std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
    /// As call_options::retries, for each item.
    unsigned retries = 0;
    /// Called with the progress, on the pool's executor: at most every 100 ms, and once when all items have
    /// their outcome, before a waiting `get` returns; for a stream, before the end is reported. Not called
    /// again after a stream was destroyed. Its exceptions are passed to the function of set_unhandled.
    std::function<void(const progress&)> on_progress = nullptr;
    /// For a stream; a map ignores it: the maximum number of items that were read from the input and not yet
    /// from the stream. It also limits chunk_size. Default: twice the number of workers times the chunk size.
    /// 0: std::invalid_argument.
    std::optional<std::size_t> max_in_flight = std::nullopt;
    /// As call_options::priority, for each item.
    int priority = 0;
};

} // namespace procpool

#endif

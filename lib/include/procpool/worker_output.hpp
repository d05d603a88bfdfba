// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_OUTPUT_HPP
#define PROCPOOL_WORKER_OUTPUT_HPP

#include <cstddef>
#include <optional>
#include <string>

namespace procpool {

/// A line that a worker, or a process that a task has started, has printed: see pool_options::on_output.
struct worker_output {
    /// Index of the worker; a replacement has the same index.
    std::size_t worker = 0;
    /// The worker's process.
    long pid = 0;
    /// Whether the line was written to standard error, instead of standard output.
    bool is_error = false;
    /// Name of the task that ran when the line was read; empty if none ran, for example before init().
    ///
    /// On Linux it is the task that printed the line, or its part up to the end of the line: the result of a
    /// task is sent after the parent has read its output. The exceptions: while `on_output` lags behind, the
    /// worker does not wait for the parent, and the line may be read during a later task; and what a thread
    /// or a process prints after its task has ended belongs to the task of that time. On Windows the worker
    /// never waits, so a line that is printed at the end of a task may be read during the next one.
    std::string task_name;
    /// Index of that task's item in its range, or of the worker in a broadcast.
    std::optional<std::size_t> item_index;
    /// The line without its end, as the bytes were written: not necessarily valid UTF-8. A line of more than
    /// 64 KiB comes in parts of 64 KiB, the last one shorter.
    std::string text;
};

} // namespace procpool

#endif

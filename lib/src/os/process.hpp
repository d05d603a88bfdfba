// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_HPP
#define PROCPOOL_OS_PROCESS_HPP

#include "os/exit_report.hpp"
#include "os/native_handle.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

// Starts this program again as a worker, ends it, and learns how it ended.
namespace procpool::os {

/// A worker process. Boost's destructor kills and reaps a process that it still holds.
#if defined(_WIN32)
class process : public boost::process::v2::basic_process<boost::asio::io_context::executor_type> {
  public:
    /// `job`: what the process and all that it starts are in; with its last handle, they end.
    process(executor_type executor, boost::process::v2::pid_type pid, os::native_handle handle,
            unique_handle job)
        : basic_process(std::move(executor), pid, handle)
        , job_(std::move(job)) {}

    os::native_handle job() const noexcept { return job_.get(); }
    void close_job() noexcept { job_.reset(); }

  private:
    unique_handle job_;
};
#else
using process = boost::process::v2::basic_process<boost::asio::io_context::executor_type>;
#endif

struct worker_start {
    std::string title_suffix; // "[procpool worker 3]"
    std::vector<std::pair<std::string, std::string>>
        environment; // added to this process's own; replaces equal names
    std::vector<native_handle>
        handles; // the worker takes them over with `inherited_handle`; nothing else is inherited
};

/// Starts the program of this process, even if its file has been replaced or deleted meanwhile.
///
/// The worker has an empty standard input, and the standard output and error of this process (nowhere, if
/// that is closed or not meant for children); no signal is blocked or ignored; it leads a process group of
/// its own (on Windows: it is in a job of its own, too, which ends with this process), so that Ctrl-C does
/// not reach it and `kill_tree` reaches what it starts.
///
/// Errors:     throws `boost::system::system_error` that says what was lacking; then no process is left.
/// Thread safety: any thread; it does not fork the memory of this process.
/// Complexity: independent of the size of this process.
process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start);

/// The process id, or -1 once the process has been reaped (at once, if it ended early in a host that ignores
/// SIGCHLD).
long pid(const process& worker) noexcept;

/// Ends the worker, all that descends from it, and its process group at once, whatever they ignore or block;
/// errors are ignored, and a process that has been reaped is left alone, since its number may be another's by
/// now.
void kill_tree(const process& worker) noexcept;

/// Reaps the process when it ends and calls `handler` once, in the executor. Before that, `worker` lets go of
/// the process. A status that the host program took (it ignores SIGCHLD, or waits for any child) is "status
/// unknown".
///
/// Requires: `worker` stays where it is until the handler is called, or until the context is stopped for
/// good.
void async_wait_exit(process& worker, std::function<void(exit_report)> handler);

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_HPP
#define PROCPOOL_OS_PROCESS_HPP

#include "os/exit_report.hpp"
#include "os/launch_context.hpp"
#include "os/native_handle.hpp"

#include <boost/asio/io_context.hpp>
#if !defined(_WIN32)
#include <boost/asio/posix/stream_descriptor.hpp>
#endif
#include <boost/process/v2/process.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

// Starts this program again as a worker, ends it, and learns how it ended.
namespace procpool::os {

/// A worker process. The destructor kills and reaps one that is still held.
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
class process : public boost::process::v2::basic_process<boost::asio::io_context::executor_type> {
  public:
    using descriptor = boost::asio::posix::basic_stream_descriptor<executor_type>;

    /// One that has been reaped.
    explicit process(executor_type executor);
    /// `handle`: a pidfd. Boost's class has a second one, but waits and kills by number, which is not done
    /// here.
    process(executor_type executor, boost::process::v2::pid_type pid, unique_handle handle);
    process(process&&) = default;
    process& operator=(process&&) = delete;
    ~process();

    /// Readable when the process has ended; not open if it has been reaped.
    descriptor& end() noexcept { return end_; }
    /// What was killed with it, and becomes this process's to reap when its own parent has ended.
    std::vector<unique_handle>& heirs() noexcept { return heirs_; }
    /// It has been reaped, or is not to be waited for: its number may be another's from now on.
    void let_go() noexcept;

  private:
    static basic_process with_own_handle(executor_type executor, boost::process::v2::pid_type pid,
                                         os::native_handle handle);

    descriptor end_;
    std::vector<unique_handle> heirs_;
};
#endif

struct worker_start {
    std::string title_suffix; // "[procpool worker 3]"
    std::vector<std::pair<std::string, std::string>>
        environment; // added to that of the context; replaces equal names
    std::vector<native_handle>
        handles; // the worker takes them over with `inherited_handle`; nothing else is inherited
    const launch_context* context = nullptr; // null: as it is now
};

/// Starts the program of this process, even if its file has been replaced or deleted meanwhile.
///
/// The worker has an empty standard input, and the standard output and error of this process (nowhere, if
/// that is closed or not meant for children); no signal is blocked or ignored; it leads a process group of
/// its own (on Windows: it is in a job of its own, too, which ends with this process), so that Ctrl-C does
/// not reach it and `kill_tree` reaches what it starts.
///
/// A working directory that may not be entered any more, since root was given up say, is left out: the worker
/// has the one that this process has.
///
/// Errors:     throws `boost::system::system_error` that says what was lacking; then no process is left.
/// Thread safety: any thread; it does not fork the memory of this process.
/// Complexity: independent of the size of this process.
process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start);

/// The process id, or -1 once the process has been reaped (at once, if it ended early in a host that ignores
/// SIGCHLD).
long pid(const process& worker) noexcept;

/// Ends the worker, all that descends from it, and its process group at once, whatever they ignore or block.
/// False if the system refuses: the worker is another user's, since this process has given up its privileges
/// say.
///
/// No other process is reached, also if the host program has reaped the worker, and its number is another's.
/// Before Linux 6.9, nothing is done about the group of a worker that the host has reaped.
bool kill_tree(process& worker) noexcept;

/// When the process has ended, calls `ended`, in which `kill_tree` still ends what it left behind. Then reaps
/// it, lets go of it, and calls `handler`. Both are called once, in the executor. A status that the host
/// program took (it ignores SIGCHLD, or waits for any child) is "status unknown". Where orphans become the
/// children of this process, as they do if it is the first of a container, the processes that `kill_tree`
/// ended are reaped, too.
///
/// Errors:   throws std::bad_alloc; then nothing will be called. What the handlers throw leaves
///           io_context::run; where there is no memory later, both are called all the same.
/// Requires: `worker` stays where it is until the handler is called, or until the context is stopped for
/// good.
void async_wait_exit(process& worker, std::function<void()> ended, std::function<void(exit_report)> handler);

} // namespace procpool::os

#endif

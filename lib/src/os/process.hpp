// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PROCESS_HPP
#define PROCPOOL_OS_PROCESS_HPP

#include "os/exit_report.hpp"
#include "os/handles.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#if defined(_WIN32)
#include <boost/asio/windows/object_handle.hpp>
#else
#include <boost/asio/posix/stream_descriptor.hpp>
#if !defined(PROCPOOL_WITHOUT_BOOST_PROCESS)
#include <boost/process/v2/process.hpp>
#endif
#include <sys/types.h>
#endif

namespace procpool::os {

/// The properties of a new process that the program may change in its own process at any time: environment,
/// working directory, and umask.
struct launch_context {
#if defined(_WIN32)
    std::wstring environment; // in the form for CreateProcess
    std::wstring folder;
#else
    std::vector<std::string> environment; // "NAME=value"
    unique_handle folder;                 // none: it cannot be entered
#endif
    std::optional<std::uint32_t> file_mask; // none: it is not known, or there is none

    /// The current values.
    ///
    /// Errors:        throws `std::bad_alloc`, `boost::system::system_error` if no descriptor is left.
    /// Thread safety: that of getenv: no other thread may change the environment.
    static launch_context now();
};

// Starts this program again as a worker, kills it, and reads how it ended.

/// A worker process. The destructor kills and reaps a process that is still held.
#if defined(_WIN32)
class process {
  public:
    using executor_type = boost::asio::io_context::executor_type;
    using object = boost::asio::windows::basic_object_handle<executor_type>;

    /// `job`: the job object that contains the process and all its descendants; they end with its last
    /// handle.
    process(executor_type executor, std::uint32_t id, unique_handle handle, unique_handle job);
    process(process&& other) noexcept;
    process& operator=(process&&) = delete;
    ~process();

    std::uint32_t id() const noexcept { return id_; }
    /// Signalled when the process has ended; not open if it has been let go.
    object& end() noexcept { return end_; }
    os::native_handle job() const noexcept { return job_.get(); }
    /// It is no longer waited for, and what is still in its job goes on if the job was told so.
    void let_go() noexcept;

  private:
    std::uint32_t id_; // 0: it has been let go, or moved
    object end_;
    unique_handle job_;
};
#else
#if defined(PROCPOOL_WITHOUT_BOOST_PROCESS)
/// What is used of `boost::process::v2::basic_process`. That class cannot be had without the compiled part that
/// Boost.Process has since 1.86, and that Debian 13 lacks.
class basic_process {
  public:
    using executor_type = boost::asio::io_context::executor_type;

    explicit basic_process(executor_type executor) : executor_(std::move(executor)) {}
    basic_process(executor_type executor, pid_t id) : executor_(std::move(executor)), id_(id) {}
    basic_process(basic_process&& other) noexcept
        : executor_(other.executor_)
        , id_(std::exchange(other.id_, -1)) {}
    basic_process& operator=(basic_process&&) = delete;

    const executor_type& get_executor() const noexcept { return executor_; }
    pid_t id() const noexcept { return id_; }
    void detach() noexcept { id_ = -1; }

  private:
    executor_type executor_;
    pid_t id_ = -1; // -1: it has been reaped, or moved
};
#else
using basic_process = boost::process::v2::basic_process<boost::asio::io_context::executor_type>;
#endif

class process : public basic_process {
  public:
    using descriptor = boost::asio::posix::basic_stream_descriptor<executor_type>;

    /// A process that has been reaped.
    explicit process(executor_type executor);
    /// `handle`: a pidfd. Boost's class has another one, but waits and kills by number, which is not used
    /// here.
    process(executor_type executor, pid_t pid, unique_handle handle);
    process(process&&) = default;
    process& operator=(process&&) = delete;
    ~process();

    /// Readable when the process has ended; not open if it has been reaped.
    descriptor& end() noexcept { return end_; }
    /// Processes that were killed with it, and that this process must reap when their own parents have ended.
    std::vector<unique_handle>& heirs() noexcept { return heirs_; }
    /// It has been reaped, or is no longer waited for: from now on its number may belong to another process.
    void let_go() noexcept;

  private:
    static basic_process with_own_handle(executor_type executor, pid_t pid, os::native_handle handle);

    descriptor end_;
    std::vector<unique_handle> heirs_;
};
#endif

struct worker_start {
    std::string title_suffix; // "[procpool worker 3]"
    std::vector<std::pair<std::string, std::string>>
        environment; // added to that of the context; of equal names, the last one counts
    std::vector<native_handle>
        handles; // the worker takes them over with `inherited_handle`; nothing else is inherited
    native_handle output = no_handle; // its standard output and error; none: those of this process
    native_handle errors = no_handle;
    const launch_context* context = nullptr; // null: as it is now
    std::vector<std::string> unset = {};     // taken out of the environment of the context
    std::vector<std::size_t> cpus = {};      // empty: those of the calling thread
    int niceness = 0;                        // added to that of the calling thread
    std::filesystem::path directory = {};    // empty: that of the context; relative: found from there
};

/// Starts the program of this process, even if its file has been replaced or deleted meanwhile.
///
/// The worker has an empty standard input. Unless it is given others, it has the standard output and error of
/// this process (discarded if they are closed or not inheritable). No signal is blocked or ignored. It leads a process group of its own,
/// so that Ctrl-C does not reach it and `kill_tree` reaches the processes that it starts; on Windows it is
/// also in a job of its own, which ends with this process. If the working directory cannot be entered any
/// more, for example after root privileges were given up, the worker has the current directory of this
/// process.
///
/// Its CPUs are set before its program is loaded. On Linux it inherits them from the calling thread, which has
/// them meanwhile. Its niceness is set as soon as it exists, for all its threads.
///
/// Errors:        throws `boost::system::system_error` or `std::invalid_argument` that says what failed; then
///                no process is left.
/// Thread safety: any thread; it does not fork the memory of this process.
/// Complexity:    independent of the size of this process.
process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start);

/// The process id, or -1 when the process has been reaped (at once, if it ended early in a host that ignores
/// SIGCHLD).
long pid(const process& worker) noexcept;

/// Kills the worker, all its descendants, and its process group at once, even if they ignore or block
/// signals. False if the system refuses: the worker belongs to another user, for example because this process
/// has given up its privileges.
///
/// No other process is affected, even if the host program has reaped the worker and another process has its
/// number. Before Linux 6.9, the group of a worker that the host has reaped is not killed.
bool kill_tree(process& worker) noexcept;

/// When the process has ended, calls `ended`, in which `kill_tree` can still kill the processes that it left
/// behind. Then reaps and releases it, and calls `handler`. Both are called once, in the executor. If the
/// host program has read the status (because it ignores SIGCHLD, or waits for any child), the status is
/// "status unknown". If orphans become children of this process, as in the first process of a container, the
/// processes that `kill_tree` killed are reaped, too.
///
/// Errors:   throws std::bad_alloc; then no function will be called. Exceptions of the functions leave
///           io_context::run; a later lack of memory does not prevent the calls.
/// Requires: `worker` is not moved until the handler is called, or until the context is stopped for good.
void async_wait_exit(process& worker, std::function<void()> ended, std::function<void(exit_report)> handler);

} // namespace procpool::os

#endif

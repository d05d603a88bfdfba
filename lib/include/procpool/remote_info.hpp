// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_REMOTE_INFO_HPP
#define PROCPOOL_REMOTE_INFO_HPP

// The origin of an error of a call that was submitted.

#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace procpool {

/// The origin of an error: of an exception that left a task, or of worker_lost, task_timeout, task_cancelled
/// or codec_error for a call that was submitted.
struct remote_info {
    std::string type_name;                 ///< type of the exception, demangled
    std::string what;                      ///< text of the exception, as returned by what()
    long worker_pid = 0;                   ///< process that ran the task; 0 if the task was not started
    std::string task_name;                 ///< name of the task
    std::optional<std::size_t> item_index; ///< index of the item of a range, or of the worker of a broadcast
    /// One line for each call, the innermost first: of a crash; of a task that timed out or was cancelled, when it was
    /// asked to stop. Empty if unknown.
    std::string stack;
    /// Of worker_lost and task_timeout with pool_options::on_output: the last 4 KiB of the worker's standard error.
    std::string output;
    /// The file with the call, if pool_options::keep_failed_calls_in had it written; else empty.
    std::filesystem::path saved_call;
};

/// Returns the origin of `error`, or nullptr if it has none: errors of the pool as a whole (pool_closed,
/// pool_terminated, start_failed, the task_cancelled of a whole map), wait_timeout, and exceptions thrown in
/// this process. The pointer is valid as long as `error` or a copy of it exists.
///
/// Thread safety: any thread.
/// Complexity:    constant. For a crash, the first call looks up the function names of its stack, which may
///                take a second in a program with much debug information.
const remote_info* get_remote_info(const std::exception& error) noexcept;

namespace detail {

/// The second base class of every exception object that comes from a worker; get_remote_info() finds it by a
/// dynamic_cast. Copies share the information, so that copying an exception cannot throw.
class remote_info_holder {
  public:
    /// `stack`, if not empty, is called to fill remote_info::stack when the information is first read.
    explicit remote_info_holder(remote_info info, std::function<std::string()> stack = {});
    virtual ~remote_info_holder();

    const remote_info& info() const noexcept;
    /// Likewise, but the stack may be missing.
    const remote_info& info_without_stack() const noexcept;

  private:
    struct shared_info;
    std::shared_ptr<shared_info> shared_;
};

} // namespace detail
} // namespace procpool

#endif

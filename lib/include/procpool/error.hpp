// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_HPP
#define PROCPOOL_ERROR_HPP

// The exceptions that a pool throws, and that results hold when there is no value. The failure of a task
// itself is none of these: it comes back as the exception that the task threw, or as remote_error.
//
// what() is one sentence that names the task and the worker if they are known, and says whether the task may
// have run. get_remote_info() returns the origin of an exception that was thrown in a worker.

#include <procpool/errc.hpp>
#include <procpool/register_exception.hpp>
#include <procpool/remote_info.hpp>
#include <procpool/unhandled.hpp>

#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace procpool {

/// The base class of all errors that the pool itself reports. code() is an errc.
class error : public boost::system::system_error {
  public:
    error(errc code, std::string what);
    ~error() override;

    /// Returns the text alone. Unlike the base class, this class does not append the text of the code.
    const char* what() const noexcept override;

  private:
    std::shared_ptr<const std::string> what_;
};

/// The pool accepts no more work, because close() or terminate() was called. The task has not run.
class pool_closed : public error {
  public:
    pool_closed();
    explicit pool_closed(std::string what);
    ~pool_closed() override;
};

/// terminate() or the pool's destructor abandoned the task. It may have run.
class pool_terminated : public error {
  public:
    pool_terminated();
    explicit pool_terminated(std::string what);
    ~pool_terminated() override;
};

/// A worker could not be started, or its initializer failed. The task has not run.
class start_failed : public error {
  public:
    explicit start_failed(std::string what);
    ~start_failed() override;
};

/// The worker died while it ran the task. The task may have run, in part or in whole.
class worker_lost : public error {
  public:
    /// At most one of `exit_status` and `signal_number` is set; neither if the status is unknown.
    worker_lost(std::string what, long pid, std::optional<int> exit_status, std::optional<int> signal_number,
                std::string task_name);
    ~worker_lost() override;

    long pid() const noexcept { return pid_; }
    std::optional<int> exit_status() const noexcept { return exit_status_; }
    std::optional<int> signal_number() const noexcept { return signal_number_; }
    const std::string& task_name() const noexcept { return *task_name_; }

  private:
    long pid_;
    std::optional<int> exit_status_;
    std::optional<int> signal_number_;
    std::shared_ptr<const std::string> task_name_;
};

/// The task ran past its time-out and was stopped, or its worker was killed. It has run in part.
class task_timeout : public error {
  public:
    explicit task_timeout(std::string what);
    ~task_timeout() override;
};

/// The result was cancelled. A task that was queued has not run; a task that was running has run in part.
class task_cancelled : public error {
  public:
    task_cancelled();
    explicit task_cancelled(std::string what);
    ~task_cancelled() override;
};

/// get(timeout) or next(timeout) reached its time limit. The task goes on, and the result can be read later.
class wait_timeout : public error {
  public:
    wait_timeout();
    explicit wait_timeout(std::string what);
    ~wait_timeout() override;
};

/// An argument or a result could not be encoded or decoded. The task has run only if it was the result.
class codec_error : public error {
  public:
    explicit codec_error(std::string what);
    ~codec_error() override;
};

/// The task threw an object whose type is unknown here: neither a standard exception nor a registered one.
/// what() is its text, if it had one; get_remote_info()->type_name is its type.
class remote_error : public std::runtime_error {
  public:
    explicit remote_error(const std::string& what);
    ~remote_error() override;
};

} // namespace procpool

#endif

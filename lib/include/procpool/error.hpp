// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_HPP
#define PROCPOOL_ERROR_HPP

// The exceptions that a pool throws, and that results hold when there is no value. The failure of a task
// itself is none of these: it comes back as the exception that the task threw, or as remote_error.
//
// what() names the task and the worker if they are known; where a task is concerned, it says whether the task
// may have run. get_remote_info() returns the origin of an error: worker, task and item.

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

/// A worker could not be started, or its initializer failed. The constructor of the pool throws it for the
/// first failed start, resize() after three failed starts of a new worker in a row. A replacement is tried
/// three times in a row; then the other workers go on without it. A call gets start_failed only if no worker
/// is left that could run it; the task has not run since its last retry.
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

    /// The process that died.
    long pid() const noexcept { return pid_; }
    /// The exit status, 0 included; nullopt if a signal ended the process, or if the status is unknown.
    std::optional<int> exit_status() const noexcept { return exit_status_; }
    /// The signal that ended the process; nullopt if it exited, or if the status is unknown.
    std::optional<int> signal_number() const noexcept { return signal_number_; }
    /// The task that the worker ran.
    const std::string& task_name() const noexcept { return *task_name_; }

  private:
    long pid_;
    std::optional<int> exit_status_;
    std::optional<int> signal_number_;
    std::shared_ptr<const std::string> task_name_;
};

/// The task ran past its time-out. It was asked to stop, and its worker was killed if it did not end in time.
/// It has run in part or in whole; a value that it returned after the time-out is dropped.
class task_timeout : public error {
  public:
    explicit task_timeout(std::string what);
    ~task_timeout() override;
};

/// The result was cancelled. A task that was queued has not run; a task that was running has run in part or
/// in whole, and its value is dropped. In a cancelled map, other items may have run in whole.
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

/// A value could not be encoded or decoded, or a worker cannot find the task (pool_options::libraries). If it
/// was the result that failed, the task has run; otherwise it has not run. An argument whose codec throws
/// while it is encoded fails with the exception of the codec instead.
class codec_error : public error {
  public:
    explicit codec_error(std::string what);
    ~codec_error() override;
};

/// The task threw an object whose type is unknown here: neither a standard exception nor a registered one.
/// what() is the text of that object, or a sentence if it had none; remote_info::type_name is its type.
class remote_error : public std::runtime_error {
  public:
    explicit remote_error(const std::string& what);
    ~remote_error() override;
};

} // namespace procpool

#endif

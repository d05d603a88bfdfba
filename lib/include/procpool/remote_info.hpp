// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_REMOTE_INFO_HPP
#define PROCPOOL_REMOTE_INFO_HPP

// Where an exception came from, when it came from a worker.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace procpool {

/// What is known of an exception that left a task in a worker.
struct remote_info {
    std::string type_name;                 ///< the type that was thrown there, readable
    std::string what;                      ///< the text of the exception, as what() gives it
    long worker_pid = 0;                   ///< the process that threw it
    std::string task_name;                 ///< the task that it left
    std::optional<std::size_t> item_index; ///< which item of a map or starmap, from 0
    std::string
        stack; ///< where the worker crashed, a line for each call; empty if it did not, or could not tell
};

/// What is known of `error`'s origin, or nullptr if it did not come from a worker. Lives as long as `error`.
///
/// Complexity: constant; but the first time for a crash, the names of functions are looked up for its stack.
/// That may take a second in a program with much debug information.
const remote_info* get_remote_info(const std::exception& error) noexcept;

namespace detail {

/// The second base of every exception object that came from a worker; get_remote_info() looks for it.
/// Copies share the information, so that copying an exception still cannot throw.
class remote_info_holder {
  public:
    /// `stack`, if there is one, makes remote_info::stack when the information is first asked for.
    explicit remote_info_holder(remote_info info, std::function<std::string()> stack = {});
    virtual ~remote_info_holder();

    const remote_info& info() const noexcept;

  private:
    struct shared_info;
    std::shared_ptr<shared_info> shared_;
};

} // namespace detail
} // namespace procpool

#endif

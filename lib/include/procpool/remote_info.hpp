// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_REMOTE_INFO_HPP
#define PROCPOOL_REMOTE_INFO_HPP

// The origin of an exception that was thrown in a worker.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace procpool {

/// The origin of an exception that left a task in a worker.
struct remote_info {
    std::string type_name;                 ///< the type that was thrown, demangled
    std::string what;                      ///< the text of the exception, as returned by what()
    long worker_pid = 0;                   ///< the process that threw it
    std::string task_name;                 ///< the task that threw it
    std::optional<std::size_t> item_index; ///< index of the item of a map or starmap, from 0
    std::string stack;                     ///< stack of a crash, a line for each call; empty if unknown
};

/// Returns the origin of `error`, or nullptr if it does not come from a worker. Valid as long as `error`
/// lives.
///
/// Complexity: constant. For a crash, the first call looks up the function names of its stack, which may take
///             a second in a program with much debug information.
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

  private:
    struct shared_info;
    std::shared_ptr<shared_info> shared_;
};

} // namespace detail
} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_REMOTE_INFO_HPP
#define PROCPOOL_REMOTE_INFO_HPP

// Where an exception came from, when it came from a worker.

#include <cstddef>
#include <exception>
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
    std::string stack;                     ///< where it was thrown, if that was recorded
};

/// What is known of `error`'s origin, or nullptr if it did not come from a worker. Lives as long as `error`.
const remote_info* get_remote_info(const std::exception& error) noexcept;

namespace detail {

/// The second base of every exception object that came from a worker; get_remote_info() looks for it.
/// Copies share the information, so that copying an exception still cannot throw.
class remote_info_holder {
  public:
    explicit remote_info_holder(remote_info info);
    virtual ~remote_info_holder();

    const remote_info& info() const noexcept { return *info_; }

  private:
    std::shared_ptr<const remote_info> info_;
};

} // namespace detail
} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_SERVE_HPP
#define PROCPOOL_WORKER_SERVE_HPP

#include "worker/start_message.hpp"

#include <string>

namespace procpool::serving {

/// The life of a worker: takes over what it inherited, says hello, runs frames until the parent says
/// good-bye, and ends the process, whatever is thrown. If the parent dies, the process ends at once, in the
/// middle of a task too.
[[noreturn]] void serve(const start_message& message) noexcept;

/// Likewise, with the value of `worker_variable`.
[[noreturn]] void serve_text(const char* start_text);

/// Sends the parent the reason why this worker will not serve, if the lifeline is still as it was inherited;
/// the parent ends the worker then.
///
/// Requires: the worker does not serve.
void report_failed_start(const std::string& why) noexcept;

/// Likewise, and ends the process. Without a lifeline, the reason goes to standard error.
[[noreturn]] void end_failed_start(const std::string& why) noexcept;

} // namespace procpool::serving

#endif

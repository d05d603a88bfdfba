// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_SERVE_HPP
#define PROCPOOL_WORKER_SERVE_HPP

#include "handshake/start_message.hpp"

#include <string>

namespace procpool::serving {

/// Ends this worker in an orderly way: buffered output of tasks is written, and the instrumentation of the
/// program (coverage, profiles for optimizing, LeakSanitizer) is run. The rest of exit() does not happen:
/// destructors of static objects and atexit handlers, which belong to the program.
///
/// Thread safety: any thread, while no task runs.
[[noreturn]] void end_orderly() noexcept;

/// Runs a worker: takes over the inherited handles, sends a hello, runs frames until the parent says goodbye,
/// and ends the process, even after an exception. If the parent dies, the process ends at once, also during a
/// task.
[[noreturn]] void serve(const start_message& message) noexcept;

/// Likewise, with the value of `worker_variable`.
[[noreturn]] void serve_text(const char* start_text);

/// Sends the parent the reason why this worker will not serve, if the lifeline is still open as it was
/// inherited; the parent then ends the worker.
///
/// Requires: the worker does not serve.
void report_failed_start(const std::string& why) noexcept;

/// Likewise, and ends the process. Without a lifeline, the reason goes to standard error.
[[noreturn]] void end_failed_start(const std::string& why) noexcept;

} // namespace procpool::serving

#endif

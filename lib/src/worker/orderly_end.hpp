// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_ORDERLY_END_HPP
#define PROCPOOL_WORKER_ORDERLY_END_HPP

namespace procpool::serving {

/// Ends this worker in an orderly way: buffered output of tasks is written, and the instrumentation of the
/// program (coverage, profiles for optimizing, LeakSanitizer) is run. The rest of exit() does not happen:
/// destructors of static objects and atexit handlers, which belong to the program.
///
/// Thread safety: any thread, while no task runs.
[[noreturn]] void end_orderly() noexcept;

} // namespace procpool::serving

#endif

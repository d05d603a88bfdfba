// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_ORDERLY_END_HPP
#define PROCPOOL_WORKER_ORDERLY_END_HPP

namespace procpool::serving {

/// Ends this worker: what tasks left in buffers appears, and what the program was built with to watch it
/// (coverage, profiles for optimizing, LeakSanitizer) has its say. Nothing else of exit() happens: no
/// destructor of a static object and no atexit handler, which are the program's.
///
/// Thread safety: any thread, while no task runs.
[[noreturn]] void end_orderly() noexcept;

} // namespace procpool::serving

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_CRASH_REPORTS_HPP
#define PROCPOOL_WORKER_CRASH_REPORTS_HPP

#include "os/crash_watch.hpp"

namespace procpool::serving {

/// From now on, if this process crashes, `record` shows the parent the fault, its place, and, if
/// std::terminate() was called, the exception.
///
/// Requires: `record` lives as long as the process. Called in the thread that runs tasks.
void report_crashes(os::crash_record& record) noexcept;

} // namespace procpool::serving

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_CRASH_REPORTS_HPP
#define PROCPOOL_WORKER_CRASH_REPORTS_HPP

#include "os/crash_record.hpp"

namespace procpool::serving {

/// From now on `record` tells the parent what this process died of: of which fault, where, and, if that was a
/// call of std::terminate(), of which exception.
///
/// Requires: `record` lives as long as the process. Called on the thread that runs tasks.
void report_crashes(os::crash_record& record) noexcept;

} // namespace procpool::serving

#endif

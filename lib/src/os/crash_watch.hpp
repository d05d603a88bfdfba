// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_CRASH_WATCH_HPP
#define PROCPOOL_OS_CRASH_WATCH_HPP

#include "os/crash_record.hpp"

#include <cstdint>
#include <string_view>

namespace procpool::os {

/// From now on a fault of this process (or abort) is written into `record`, with the address and the stack,
/// before the process ends of it as it would have, with a core dump where those are enabled. A handler that
/// is there already, a sanitizer's or a debugger's, is left alone, and one that is set later replaces this.
///
/// Requires: `record` lives as long as the process. Called on the thread that runs tasks, which thereby gets
/// a stack for faults of its stack.
void watch_for_crashes(crash_record& record) noexcept;

/// Where the code at `offset` of a module is in this process; null if it is not loaded here.
const void* loaded_place(std::string_view module, std::uint64_t offset) noexcept;

} // namespace procpool::os

#endif

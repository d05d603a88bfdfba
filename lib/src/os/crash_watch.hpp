// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_CRASH_WATCH_HPP
#define PROCPOOL_OS_CRASH_WATCH_HPP

#include "os/crash_record.hpp"

#include <cstdint>
#include <string_view>

namespace procpool::os {

/// From now on, a fault (or abort) of this process is written into `record`, with the address and the stack.
/// The process then ends of it as usual, with a core dump if core dumps are enabled. An existing handler, for
/// example of a sanitizer, is kept, and a handler that is set later replaces this one.
///
/// Requires: `record` lives as long as the process. Called in the thread that runs tasks, which gets an
///           alternate stack for stack overflows.
void watch_for_crashes(crash_record& record) noexcept;

/// The address in this process of the code at `offset` of a module; null if the module is not loaded.
const void* loaded_place(std::string_view module, std::uint64_t offset) noexcept;

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_TIME_HPP
#define PROCPOOL_OS_LINUX_TIME_HPP

#include <algorithm>
#include <chrono>

#include <time.h>

// Durations in the kernel's form.
namespace procpool::os {

/// Negative durations become zero; nothing overflows.
inline timespec to_timespec(std::chrono::nanoseconds duration) noexcept {
    duration = std::max(duration, std::chrono::nanoseconds::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    timespec result{};
    result.tv_sec = static_cast<time_t>(seconds.count());
    result.tv_nsec = static_cast<long>((duration - seconds).count());
    return result;
}

} // namespace procpool::os

#endif

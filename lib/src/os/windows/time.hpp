// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_TIME_HPP
#define PROCPOOL_OS_WINDOWS_TIME_HPP

#include <algorithm>
#include <chrono>
#include <optional>

#include <windows.h>

// Deadlines in the system's form.
namespace procpool::os {

/// Rounded up, so that the wait does not end before the deadline. The system's maximum limits the wait, and
/// the caller waits again.
inline DWORD milliseconds_left(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    if (!deadline)
        return INFINITE;
    const auto now = std::chrono::steady_clock::now();
    if (*deadline <= now) // compared before it is subtracted: the smallest time point less now would overflow
        return 0;
    constexpr std::chrono::milliseconds longest{INFINITE - 1};
    const auto left = *deadline - now;
    return static_cast<DWORD>(left >= longest ? longest.count()
                                              : std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

inline bool is_past(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    return deadline && *deadline <= std::chrono::steady_clock::now();
}

} // namespace procpool::os

#endif

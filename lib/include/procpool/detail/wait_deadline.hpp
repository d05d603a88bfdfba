// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_WAIT_DEADLINE_HPP
#define PROCPOOL_DETAIL_WAIT_DEADLINE_HPP

#include <chrono>
#include <optional>

namespace procpool::detail {

/// Any duration, also one of hours in a double; what does not fit becomes the longest, or the shortest.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds to_nanoseconds(std::chrono::duration<Rep, Period> timeout) {
    using longest = std::chrono::duration<double>;
    const longest seconds = timeout;
    if (seconds >= longest(std::chrono::nanoseconds::max()))
        return std::chrono::nanoseconds::max();
    if (seconds <= longest(std::chrono::nanoseconds::min()))
        return std::chrono::nanoseconds::min();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(timeout);
}

/// None if the time-out is so long that it never ends.
template <class Rep, class Period>
std::optional<std::chrono::steady_clock::time_point>
deadline_after(std::chrono::duration<Rep, Period> timeout) {
    const auto now = std::chrono::steady_clock::now();
    const auto left = to_nanoseconds(timeout);
    if (left <= std::chrono::nanoseconds::zero())
        return now;
    if (left >= std::chrono::steady_clock::time_point::max() - now)
        return std::nullopt;
    return now + left;
}

/// Throws wait_timeout.
[[noreturn]] void throw_wait_timeout();

} // namespace procpool::detail

#endif

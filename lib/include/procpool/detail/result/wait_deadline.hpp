// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_WAIT_DEADLINE_HPP
#define PROCPOOL_DETAIL_RESULT_WAIT_DEADLINE_HPP

#include <procpool/detail/task/signature.hpp>

#include <chrono>
#include <optional>

namespace procpool::detail {

/// Whether the duration is within the range of nanoseconds.
bool fits_nanoseconds(double seconds) noexcept;

/// Converts any duration, such as hours in a double; a value outside the range becomes the longest, or the
/// shortest, duration.
template <class Rep, class Period>
std::chrono::nanoseconds to_nanoseconds(std::chrono::duration<Rep, Period> timeout) {
    const std::chrono::duration<double> seconds = timeout;
    if (!fits_nanoseconds(seconds.count()))
        return seconds.count() > 0 ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds::min();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(timeout);
}

/// Nullopt if the time-out is so long that it never ends.
template <class NoDuration>
std::chrono::nanoseconds to_nanoseconds(NoDuration) {
    static_assert(never<NoDuration>,
                  "procpool: a time-out is a std::chrono duration, since a bare number has no unit: "
                  "std::chrono::seconds(5), or 5s");
    return {};
}

std::optional<std::chrono::steady_clock::time_point> deadline_in(std::chrono::nanoseconds timeout);
template <class Duration>
std::optional<std::chrono::steady_clock::time_point> deadline_after(Duration timeout) {
    return deadline_in(to_nanoseconds(timeout));
}

/// Throws wait_timeout.
[[noreturn]] void throw_wait_timeout();

} // namespace procpool::detail

#endif

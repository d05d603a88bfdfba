// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/wait_deadline.hpp>

#include <procpool/error.hpp>

namespace procpool::detail {

bool fits_nanoseconds(double seconds) noexcept {
    using std::chrono::nanoseconds;
    using in_seconds = std::chrono::duration<double>;
    return !(seconds >= in_seconds(nanoseconds::max()).count()) &&
           !(seconds <= in_seconds(nanoseconds::min()).count());
}

std::optional<std::chrono::steady_clock::time_point> deadline_in(std::chrono::nanoseconds timeout) {
    const auto now = std::chrono::steady_clock::now();
    if (timeout <= std::chrono::nanoseconds::zero())
        return now;
    if (timeout >= std::chrono::steady_clock::time_point::max() - now)
        return std::nullopt;
    return now + timeout;
}

void throw_wait_timeout() {
    throw wait_timeout();
}

} // namespace procpool::detail

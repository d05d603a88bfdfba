// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/stopwatch.hpp"

#ifdef _WIN32
#include <windows.h>
#else
#include <ctime>
#endif

namespace apps {

double cpu_seconds() {
#ifdef _WIN32
    // On Windows, std::clock() counts wall time.
    FILETIME created, ended, in_kernel, in_user;
    GetProcessTimes(GetCurrentProcess(), &created, &ended, &in_kernel, &in_user);
    const auto ticks = [](const FILETIME& time) {
        return time.dwHighDateTime * 4294967296.0 + time.dwLowDateTime;
    };
    return (ticks(in_kernel) + ticks(in_user)) * 1e-7;
#else
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

} // namespace apps

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RESIDENT_BYTES_HPP
#define PROCPOOL_TEST_RESIDENT_BYTES_HPP

#if defined(_WIN32)
#include <windows.h>

#include <psapi.h>
#else
#include <fstream>

#include <unistd.h>
#endif

namespace procpool::test {

/// Resident memory of this process.
inline long long resident_bytes() {
#if defined(_WIN32)
    PROCESS_MEMORY_COUNTERS counters{};
    ::K32GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters);
    return static_cast<long long>(counters.WorkingSetSize);
#else
    std::ifstream status("/proc/self/statm");
    long long all = 0;
    long long resident_pages = 0;
    status >> all >> resident_pages;
    return resident_pages * ::sysconf(_SC_PAGESIZE);
#endif
}

} // namespace procpool::test

#endif

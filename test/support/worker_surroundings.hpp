// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_WORKER_SURROUNDINGS_HPP
#define PROCPOOL_TEST_WORKER_SURROUNDINGS_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sched.h>
#include <sys/resource.h>
#endif

// The CPUs and the niceness of a process.
namespace procpool::test {

#if defined(_WIN32)
inline std::vector<std::size_t> own_cpus() {
    DWORD_PTR own = 0;
    DWORD_PTR all = 0;
    ::GetProcessAffinityMask(::GetCurrentProcess(), &own, &all);
    std::vector<std::size_t> out;
    for (std::size_t cpu = 0; cpu != 8 * sizeof own; ++cpu)
        if ((own >> cpu & 1U) != 0)
            out.push_back(cpu);
    return out;
}

/// The priority class as a number that grows with the niceness.
inline int own_niceness() {
    switch (::GetPriorityClass(::GetCurrentProcess())) {
    case HIGH_PRIORITY_CLASS:
        return -15;
    case ABOVE_NORMAL_PRIORITY_CLASS:
        return -5;
    case BELOW_NORMAL_PRIORITY_CLASS:
        return 5;
    case IDLE_PRIORITY_CLASS:
        return 15;
    default:
        return 0;
    }
}

/// The niceness of a worker with this one added to the own.
inline int niceness_with(int added) {
    const int sum = own_niceness() + added;
    return sum >= 15 ? 15 : sum > 0 ? 5 : sum == 0 ? 0 : sum > -15 ? -5 : -15;
}
#else
inline std::vector<std::size_t> own_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<std::size_t> out;
    for (std::size_t cpu = 0; cpu != CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &set))
            out.push_back(cpu);
    return out;
}

inline int own_niceness() {
    return ::getpriority(PRIO_PROCESS, 0);
}

/// The niceness of a worker with this one added to the own.
inline int niceness_with(int added) {
    return std::clamp(own_niceness() + added, -20, 19);
}
#endif

} // namespace procpool::test

#endif

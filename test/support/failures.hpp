// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAILURES_HPP
#define PROCPOOL_TEST_FAILURES_HPP

#include <atomic>
#include <cstdlib>

// Decides which call of a replaced function fails. A test program is linked with one of two sources.
// failing_allocations.cpp replaces the allocation functions of the whole program, including std::aligned_alloc, by
// which Asio allocates. failing_system_calls.cpp replaces functions of the C library that make system calls. Functions
// of the C library are replaced by the linker's option --wrap.
namespace procpool::test::failures {

/// Countdowns to the call that fails; 0: none does.
inline thread_local unsigned until_failure_here = 0;
inline std::atomic<unsigned> until_failure_elsewhere{0};
/// A thread that is not `elsewhere`.
inline thread_local bool is_exempt = false;
inline std::atomic<unsigned> own_count{0};
/// Where failures are counted; in a worker, memory that outlives it.
inline std::atomic<std::atomic<unsigned>*> count{&own_count};

/// The k-th call of this thread fails, from now on.
inline void fail_here(unsigned k) {
    *count.load() = 0;
    until_failure_here = k;
}

/// The k-th call of all other threads together fails, except in exempt threads.
inline void fail_elsewhere(unsigned k) {
    *count.load() = 0;
    is_exempt = true;
    until_failure_elsewhere = k;
}

/// Nothing fails any more. Has anything failed?
inline bool disarm() {
    until_failure_here = 0;
    until_failure_elsewhere = 0;
    return *count.load() != 0;
}

/// Whether all calls after the k-th fail too, until `disarm()`. An environment variable, which workers inherit.
inline bool are_lasting() noexcept {
    static const bool out = std::getenv("PROCPOOL_TEST_LASTING") != nullptr;
    return out;
}

inline bool is_to_fail() noexcept {
    if (until_failure_here != 0 && --until_failure_here == 0) {
        if (are_lasting())
            until_failure_here = 1;
        ++*count.load();
        return true;
    }
    auto left = until_failure_elsewhere.load(std::memory_order_relaxed);
    if (is_exempt)
        return false;
    while (left > 1 || (left == 1 && !are_lasting()))
        if (until_failure_elsewhere.compare_exchange_weak(left, left - 1))
            break;
    if (left != 1)
        return false;
    ++*count.load();
    return true;
}

/// The function that failed last in this process.
inline std::atomic<const char*> function{"no call"};

/// Whether system calls are interrupted by a signal (EINTR), instead of refused for want of something.
/// An environment variable, too.
inline bool are_interruptions() noexcept {
    static const bool out = std::getenv("PROCPOOL_TEST_INTERRUPT") != nullptr;
    return out;
}

} // namespace procpool::test::failures

#endif

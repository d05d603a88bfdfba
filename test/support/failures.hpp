// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAILURES_HPP
#define PROCPOOL_TEST_FAILURES_HPP

#include <atomic>
#include <cstdlib>

// Decides which call of a replaced function fails. A test program is linked with one of two sources.
// failing_allocations.cpp replaces the allocation functions of the whole program, including
// std::aligned_alloc, which Asio uses. failing_system_calls.cpp replaces functions of the C library that make
// system calls. Functions of the C library are replaced by the linker's option --wrap.
namespace procpool::test::failures {

/// The number of calls up to the one that fails; 0: no call fails.
inline thread_local unsigned until_failure_here = 0;
inline std::atomic<unsigned> until_failure_elsewhere{0};
/// Whether this thread is no `elsewhere`.
inline thread_local bool is_exempt = false;
inline std::atomic<unsigned> own_count{0};
/// The counter of failures; in a worker, in memory that outlives the worker.
inline std::atomic<std::atomic<unsigned>*> count{&own_count};

/// From now on, the k-th call of this thread fails.
inline void fail_here(unsigned k) {
    *count.load() = 0;
    until_failure_here = k;
}

/// The k-th call of all other threads together fails, not counting exempt threads.
inline void fail_elsewhere(unsigned k) {
    *count.load() = 0;
    is_exempt = true;
    until_failure_elsewhere = k;
}

/// Ends all failures, and returns whether a call has failed.
inline bool disarm() {
    until_failure_here = 0;
    until_failure_elsewhere = 0;
    return *count.load() != 0;
}

/// Whether all calls after the k-th fail too, until `disarm()`. Set by an environment variable, which workers
/// inherit.
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

/// Whether system calls are interrupted by a signal (EINTR), instead of refused for lack of a resource. Set
/// by an environment variable, too.
inline bool are_interruptions() noexcept {
    static const bool out = std::getenv("PROCPOOL_TEST_INTERRUPT") != nullptr;
    return out;
}

} // namespace procpool::test::failures

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAILING_ALLOCATIONS_HPP
#define PROCPOOL_TEST_FAILING_ALLOCATIONS_HPP

#include <atomic>

// failing_allocations.cpp replaces the allocation functions of the whole program, the library included, by
// ones of which a chosen call fails. Asio allocates by std::aligned_alloc: programs are linked with
// -Wl,--wrap=aligned_alloc.
namespace procpool::test::allocations {

/// Countdowns to the call that fails; 0: none does.
inline thread_local unsigned until_failure_here = 0;
inline std::atomic<unsigned> until_failure_elsewhere{0};
/// A thread that is not `elsewhere`.
inline thread_local bool is_exempt = false;
inline std::atomic<unsigned> own_failures{0};
/// Where failures are counted; in a worker, memory that outlives it.
inline std::atomic<std::atomic<unsigned>*> failures{&own_failures};

/// The k-th allocation of this thread fails, from now on.
inline void fail_here(unsigned k) {
    *failures.load() = 0;
    until_failure_here = k;
}

/// The k-th allocation of all other threads together fails, except in exempt threads.
inline void fail_elsewhere(unsigned k) {
    *failures.load() = 0;
    is_exempt = true;
    until_failure_elsewhere = k;
}

/// Nothing fails any more. Has anything failed?
inline bool disarm() {
    until_failure_here = 0;
    until_failure_elsewhere = 0;
    return *failures.load() != 0;
}

inline bool is_to_fail() noexcept {
    if (until_failure_here != 0 && --until_failure_here == 0) {
        ++*failures.load();
        return true;
    }
    auto left = until_failure_elsewhere.load(std::memory_order_relaxed);
    if (left == 0 || is_exempt)
        return false;
    while (left != 0 && !until_failure_elsewhere.compare_exchange_weak(left, left - 1)) {
    }
    if (left != 1)
        return false;
    ++*failures.load();
    return true;
}

} // namespace procpool::test::allocations

#endif

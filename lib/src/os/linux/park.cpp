// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/park.hpp"

#include "os/linux/time.hpp"

#include <cerrno>
#include <limits>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace procpool::os {

namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free,
              "a futex is a plain 32-bit word");

void wake(std::atomic<std::uint32_t>& word, int sleepers) noexcept {
    const int saved = errno;
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
    errno = saved;
}

} // namespace

void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    // The steady clock is CLOCK_MONOTONIC, and only the bitset form takes an absolute time on it: a wake for
    // no reason does not lengthen the wait.
    timespec until{};
    if (deadline)
        until = to_timespec(deadline->time_since_epoch());
    ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline ? &until : nullptr, nullptr,
              FUTEX_BITSET_MATCH_ANY);
}

void unpark_one(std::atomic<std::uint32_t>& word) noexcept {
    wake(word, 1);
}

void unpark_all(std::atomic<std::uint32_t>& word) noexcept {
    wake(word, std::numeric_limits<int>::max());
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PARK_HPP
#define PROCPOOL_OS_PARK_HPP

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

// Threads of one process that sleep on a word of memory.
namespace procpool::os {

/// Sleeps while `word` is `expected`, until an unpark of the word or the deadline.
///
/// It may also return without a reason: call it in a loop that checks the word. If a thread changes the word
/// and then unparks, the wake-up is never lost.
void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept;

/// Wakes one, or all, of the threads that sleep on `word`. The word is not read: it may no longer exist.
void unpark_one(std::atomic<std::uint32_t>& word) noexcept;
void unpark_all(std::atomic<std::uint32_t>& word) noexcept;

} // namespace procpool::os

#endif

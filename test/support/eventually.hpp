// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_EVENTUALLY_HPP
#define PROCPOOL_TEST_EVENTUALLY_HPP

#include <chrono>
#include <thread>

// Waits for changes in other processes, or in the system's view of them, of which no event tells.
namespace procpool::test {

/// Long enough for a busy machine and a sanitizer; short enough to detect a hang.
inline constexpr std::chrono::seconds patience{20};

/// Calls `holds()` repeatedly, until it returns true (true) or `limit` has passed (false).
template <class Condition>
bool eventually(Condition holds, std::chrono::nanoseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= deadline)
            return holds();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace procpool::test

#endif

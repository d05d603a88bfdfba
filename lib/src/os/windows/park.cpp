// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/park.hpp"

#include "os/windows/time.hpp"

#include <windows.h>

#include <synchapi.h>

namespace procpool::os {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free,
              "WaitOnAddress compares a plain word");

void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    ::WaitOnAddress(&word, &expected, sizeof expected, milliseconds_left(deadline));
}

void unpark_one(std::atomic<std::uint32_t>& word) noexcept {
    ::WakeByAddressSingle(&word);
}

void unpark_all(std::atomic<std::uint32_t>& word) noexcept {
    ::WakeByAddressAll(&word);
}

} // namespace procpool::os

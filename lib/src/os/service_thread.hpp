// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SERVICE_THREAD_HPP
#define PROCPOOL_OS_SERVICE_THREAD_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <thread>

namespace procpool::os {

/// The signals that a thread blocks, in the system's form; empty on Windows.
struct signal_mask {
    std::array<std::uint64_t, 16> bits{};
};

/// The mask of the calling thread.
signal_mask own_signal_mask() noexcept;

/// Gives the calling thread another mask until the end of the scope: for the user's code in a thread of the
/// library, since programs and threads that it starts inherit the mask.
class with_signal_mask {
  public:
    explicit with_signal_mask(const signal_mask& during) noexcept;
    with_signal_mask(const with_signal_mask&) = delete;
    with_signal_mask& operator=(const with_signal_mask&) = delete;
    ~with_signal_mask();

  private:
    signal_mask before_;
};

/// A thread of the library in the user's program: it takes no signals, which are meant for the program.
///
/// Errors: throws std::system_error if no more threads can be started.
std::thread make_service_thread(std::function<void()> body);

/// Likewise, for a thread that lives as long as the process.
inline void start_service_thread(std::function<void()> body) {
    make_service_thread(std::move(body)).detach();
}

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_DOORBELL_HPP
#define PROCPOOL_OS_DOORBELL_HPP

#include "os/native_handle.hpp"

#include <chrono>
#include <optional>

// Wakes a sleeping process from another process.
namespace procpool::os {

/// How the owner of a doorbell sleeps on it.
///
/// `blocking`: in `wait`, which is then one system call per wake-up (a bare blocking read; polling first
/// would make it two). Only one thread at a time may wait on or clear such a doorbell: a second one could
/// block past its deadline. `polled`: in Asio or in several threads; `wait` polls, and does not block if
/// another thread took the ring.
///
/// Ringing never blocks with either. A write to a blocking eventfd would block at a count of 2^64 - 2, but
/// each ring adds 1 and a wait resets the count: at a thousand million unheard rings a second, this takes 584
/// years.
enum class doorbell_kind { blocking, polled };

/// An event that resets itself: any number of rings wake one wait, and a ring that comes before the wait is
/// not lost.
///
/// Data that the ringing thread wrote before `ring` is visible to the thread that the ring woke.
class doorbell {
  public:
    /// Errors: throws `boost::system::system_error`.
    static doorbell create(doorbell_kind kind = doorbell_kind::blocking);

    /// Takes over an inherited handle, of the kind with which it was created. Before each use, its identity
    /// is compared: a task may have closed it. The process that made the doorbell does not compare, since
    /// there each ring is time-critical.
    ///
    /// Errors: throws `boost::system::system_error` if the handle is not open.
    static doorbell adopt(unique_handle handle);

    /// False: the handle no longer refers to the doorbell, or fails, and nothing was written.
    ///
    /// Thread safety: any thread, and signal handlers. Preserves errno.
    bool ring() const noexcept;

    /// Sleeps until the doorbell is rung, and clears it. False: likewise, and it will never be rung.
    [[nodiscard]] bool wait() const noexcept;

    /// Sleeps until the doorbell is rung (true, and clears it) or the deadline (false). With a deadline in
    /// the past, it checks once. A doorbell that fails is treated as one that rings.
    bool wait_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    /// Drops pending rings.
    void clear() const noexcept;

    native_handle handle() const noexcept { return handle_.get(); }

  private:
    doorbell(unique_handle handle, doorbell_kind kind) noexcept;

    enum class state { rung, silent, broken };
    state take() const noexcept;
    bool poll_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    unique_handle handle_;
    std::optional<handle_target> target_; // set if inherited: tasks run in its process
    doorbell_kind kind_;
};

} // namespace procpool::os

#endif

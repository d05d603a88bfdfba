// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_DOORBELL_HPP
#define PROCPOOL_OS_DOORBELL_HPP

#include "os/native_handle.hpp"

#include <chrono>
#include <optional>

// How a process that sleeps is woken by another.
namespace procpool::os {

/// How the owner of a bell sleeps on it.
///
/// `blocking`: in `wait`, which is then one system call a wake (a bare blocking read; polling first would
/// make it two). Only one thread at a time may wait on or clear such a bell: a second could block past its
/// deadline. `polled`: in Asio or in several threads; `wait` polls, and nothing blocks if another took the
/// ring.
///
/// Ringing never blocks with either. A write to a blocking eventfd would at a count of 2^64 - 2, but each
/// ring adds 1 and a wait takes all: at a thousand million rings a second nobody hears, that is 584 years
/// away.
enum class doorbell_kind { blocking, polled };

/// An event that resets itself: any number of rings wake one wait, a ring that comes before the wait is not
/// lost.
///
/// What the ringing thread wrote before `ring` is visible to the thread that the ring woke.
class doorbell {
  public:
    /// Errors: throws `boost::system::system_error`.
    static doorbell create(doorbell_kind kind = doorbell_kind::blocking);

    /// Takes over a handle that was inherited; it is of the kind it was created with. Before it is used, it
    /// is compared with what it was: a task may have closed it. In the process that made the bell, where each
    /// ring counts, it is not.
    ///
    /// Errors: throws `boost::system::system_error` if the handle is not open.
    static doorbell adopt(unique_handle handle);

    /// False: the handle does not stand for the bell any more, or fails, and nothing was written.
    /// Thread safety: any thread, and signal handlers. Preserves errno.
    bool ring() const noexcept;

    /// Sleeps until the bell is rung, and clears it. False: likewise, and it will never be rung.
    [[nodiscard]] bool wait() const noexcept;

    /// Sleeps until the bell is rung (true, and clears it) or the deadline is there (false). A deadline that
    /// is past looks once. A bell that fails is taken for one that rings.
    bool wait_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    /// Forgets rings that nobody waited for.
    void clear() const noexcept;

    native_handle handle() const noexcept { return handle_.get(); }

  private:
    doorbell(unique_handle handle, doorbell_kind kind) noexcept;

    enum class state { rung, silent, broken };
    state take() const noexcept;
    bool poll_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    unique_handle handle_;
    std::optional<handle_target> target_; // of an inherited one: tasks run in its process
    doorbell_kind kind_;
};

} // namespace procpool::os

#endif

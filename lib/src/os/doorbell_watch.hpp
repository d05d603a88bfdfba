// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_DOORBELL_WATCH_HPP
#define PROCPOOL_OS_DOORBELL_WATCH_HPP

#include "os/doorbell.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>

// Hears a doorbell in an Asio event loop.
namespace procpool::os {

/// Waits for one bell. It keeps its own handle, so the bell may go first.
///
/// Requires: the bell is of kind `polled` (Asio makes the event behind it non-blocking).
/// Thread safety: as an Asio I/O object: one thread at a time.
class doorbell_watch {
  public:
    /// Errors: throws `boost::system::system_error`.
    doorbell_watch(boost::asio::io_context& context, const doorbell& bell);

    doorbell_watch(doorbell_watch&&) noexcept = default;
    doorbell_watch& operator=(doorbell_watch&&) = delete;
    ~doorbell_watch();

    /// Calls `handler` once, in the context, when the bell has been rung; the bell is cleared first, so a
    /// ring during the handler is there for the next wait. After `cancel` or destruction it is called with
    /// `operation_aborted`, and a ring that it would have taken is kept.
    void async_wait(std::function<void(boost::system::error_code)> handler);

    void cancel() noexcept;

  private:
    struct state;
    std::shared_ptr<state> state_; // shared with the waits under way, which may end after the watch does
};

} // namespace procpool::os

#endif

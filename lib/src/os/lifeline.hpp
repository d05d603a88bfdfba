// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LIFELINE_HPP
#define PROCPOOL_OS_LIFELINE_HPP

#include "os/handles.hpp"

#include <cstddef>

// A connection between a parent and one worker; an end of file means that the other side has died.
namespace procpool::os {

/// The two ends. Each process must hold only its own end, otherwise the end of file does not come. A copy
/// that the parent forked holds the parent's end, so on Linux the worker also watches the parent process
/// itself.
struct lifeline_pair {
    unique_handle parent_end;
    unique_handle worker_end;
};

/// Errors: throws `boost::system::system_error`.
lifeline_pair make_lifeline();

/// The worker's end, with blocking calls; the parent's end is a `lifeline_stream`.
///
/// Thread safety: one thread may read while another writes.
class lifeline {
  public:
    /// Takes over an inherited handle.
    ///
    /// Errors: throws `boost::system::system_error` if the handle is not open.
    explicit lifeline(unique_handle handle);

    /// Reads exactly `size` bytes; false if the parent is gone (an incomplete piece is lost), or if the
    /// handle no longer refers to the lifeline.
    bool read(void* to, std::size_t size) noexcept;

    /// Writes all bytes; false if the parent is gone. Never causes a SIGPIPE.
    bool write(const void* from, std::size_t size) noexcept;

    /// Wakes a `read` that is blocked in another thread; this and all later reads return false.
    void stop_reading() noexcept;

    native_handle handle() const noexcept { return handle_.get(); }

  private:
    unique_handle handle_;
    handle_target target_;
#if defined(_WIN32)
    unique_handle stopped_; // an event: a process cannot cause an end of file for itself
    unique_handle has_read_;
    unique_handle has_written_;
#else
    void watch_maker() noexcept;
    bool maker_lives() noexcept;

    unique_handle maker_; // the parent process; none if it cannot be watched
    handle_target maker_target_;
    bool orphaned_ = false; // the parent was gone before it could be watched
#endif
};

} // namespace procpool::os

#endif

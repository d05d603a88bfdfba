// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LIFELINE_HPP
#define PROCPOOL_OS_LIFELINE_HPP

#include "os/native_handle.hpp"

#include <cstddef>

// A connection between a parent and one worker, whose end of file is the death of the other side.
namespace procpool::os {

/// The two ends. Each process must hold only its own, else the end of file does not come: a copy that the
/// parent forked holds the parent's, so on Linux the worker looks at the process itself, too.
struct lifeline_pair {
    unique_handle parent_end;
    unique_handle worker_end;
};

/// Errors: throws `boost::system::system_error`.
lifeline_pair make_lifeline();

/// The worker's end, with calls that block; the parent's is a `lifeline_stream`.
///
/// Thread safety: one thread may read while another writes.
class lifeline {
  public:
    /// Takes over a handle that was inherited.
    ///
    /// Errors: throws `boost::system::system_error` if the handle is not open.
    explicit lifeline(unique_handle handle);

    /// Reads exactly `size` bytes; false if the parent is gone (what was read of a piece is lost), or the
    /// handle does not stand for the lifeline any more.
    bool read(void* to, std::size_t size) noexcept;

    /// Writes all of it; false if the parent is gone, never a SIGPIPE.
    bool write(const void* from, std::size_t size) noexcept;

    /// Wakes a `read` that is blocked in another thread; it and all later ones return false.
    void stop_reading() noexcept;

    native_handle handle() const noexcept { return handle_.get(); }

  private:
    unique_handle handle_;
    handle_target target_;
#if defined(_WIN32)
    unique_handle stopped_; // an event: there is no end of file of one's own making
    unique_handle has_read_;
    unique_handle has_written_;
#else
    void watch_maker() noexcept;
    bool maker_lives() noexcept;

    unique_handle maker_; // the parent as a process; none if it cannot be watched
    handle_target maker_target_;
    bool orphaned_ = false; // the parent was gone before it could be watched
#endif
};

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_OUTPUT_PIPE_HPP
#define PROCPOOL_OS_OUTPUT_PIPE_HPP

#include "os/handles.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#if defined(_WIN32)
#include <boost/asio/windows/stream_handle.hpp>
#else
#include <boost/asio/posix/stream_descriptor.hpp>
#endif

#include <cstddef>
#include <utility>

// Pipes from the standard streams of a worker to its parent.
namespace procpool::os {

/// The two ends. The writer blocks when the pipe is full.
struct output_pipe {
    unique_handle parent_end;
    unique_handle worker_end;
};

/// Errors: throws `boost::system::system_error`.
output_pipe make_output_pipe();

#if defined(_WIN32)
using output_stream = boost::asio::windows::stream_handle;
#else
using output_stream = boost::asio::posix::stream_descriptor;
#endif

/// The parent's end as an Asio stream.
///
/// Errors: throws `boost::system::system_error`.
output_stream make_output_stream(boost::asio::io_context& context, unique_handle parent_end);

/// Reads some bytes, and calls `handler(error, bytes)`. Calls `begin` before they leave the pipe; not on Windows, where
/// the system reads at any time.
template <class Begin, class Handler>
void async_read_output(output_stream& stream, boost::asio::mutable_buffer to, Begin begin, Handler handler) {
#if defined(_WIN32)
    static_cast<void>(begin);
    stream.async_read_some(to, std::move(handler));
#else
    stream.async_wait(output_stream::wait_read,
                      [&stream, to, begin = std::move(begin),
                       handler = std::move(handler)](boost::system::error_code error) mutable {
                          std::size_t bytes = 0;
                          if (!error) {
                              begin();
                              bytes = stream.read_some(to, error);
                          }
                          handler(error, bytes);
                      });
#endif
}

/// How many bytes can be read at once; 0 if there are none, or if the pipe is broken.
///
/// Requires: no asynchronous read is pending.
std::size_t bytes_to_read(output_stream& stream) noexcept;

/// In a worker: makes the C library write standard output line by line, as on a terminal; on Windows, where it
/// cannot, character by character.
void print_by_lines() noexcept;

/// In a worker: the pipes that its standard output and standard error were when this object was made.
///
/// Thread safety: one thread.
class printed_streams {
  public:
    static constexpr std::size_t count = 2; // output, error

    /// Without a descriptor for it, a stream is never waited for.
    printed_streams() noexcept;

    /// How many bytes of a stream the parent has not read yet; 0 if the system does not tell, as on Windows.
    std::size_t unread(std::size_t stream) const noexcept;

  private:
    unique_handle streams_[count];
    handle_target targets_[count];
};

} // namespace procpool::os

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LIFELINE_STREAM_HPP
#define PROCPOOL_OS_LIFELINE_STREAM_HPP

#include "os/handles.hpp"

#include <boost/asio/io_context.hpp>
#if defined(_WIN32)
#include <boost/asio/windows/stream_handle.hpp>
#else
#include <boost/asio/local/stream_protocol.hpp>
#endif

// The parent's end of a lifeline, as an Asio stream.
namespace procpool::os {

#if defined(_WIN32)
using lifeline_stream = boost::asio::windows::stream_handle;
#else
using lifeline_stream = boost::asio::local::stream_protocol::socket;
#endif

/// Errors: throws `boost::system::system_error`.
lifeline_stream make_lifeline_stream(boost::asio::io_context& context, unique_handle parent_end);

/// From now on the worker reads an end of file, even if another process also has this end.
void hang_up(lifeline_stream& parent_end) noexcept;

} // namespace procpool::os

#endif

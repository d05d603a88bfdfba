// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/output_pipe.hpp"

#include "os/windows/native.hpp"

#include <cstdio>
#include <utility>

#include <windows.h>

namespace procpool::os {
namespace {

constexpr DWORD pipe_bytes = 64 * 1024;

} // namespace

// Anonymous pipes cannot be read asynchronously. The worker's end is not overlapped, since the C library and other
// programs write to it.
output_pipe make_output_pipe() {
    auto [parent_end, worker_end] = make_pipe(PIPE_ACCESS_INBOUND, GENERIC_WRITE, FILE_ATTRIBUTE_NORMAL,
                                              pipe_bytes, "cannot create a pipe for the output of a worker");
    return {std::move(parent_end), std::move(worker_end)};
}

output_stream make_output_stream(boost::asio::io_context& context, unique_handle parent_end) {
    output_stream stream(context, parent_end.get());
    parent_end.release();
    return stream;
}

std::size_t bytes_to_read(output_stream& stream) noexcept {
    DWORD bytes = 0;
    return ::PeekNamedPipe(stream.native_handle(), nullptr, 0, nullptr, &bytes, nullptr) != 0 ? bytes : 0;
}

void print_by_lines() noexcept {
    std::setvbuf(stdout, nullptr, _IONBF, 0); // _IOLBF means a full buffer here
    std::setvbuf(stderr, nullptr, _IONBF, 0);
}

// The writing end of a pipe does not tell how much of it was read.
printed_streams::printed_streams() noexcept = default;

std::size_t printed_streams::unread(std::size_t) const noexcept {
    return 0;
}

} // namespace procpool::os

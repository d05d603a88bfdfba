// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/output_pipe.hpp"

#include "os/windows/native.hpp"

#include <cstdio>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {
namespace {

constexpr DWORD pipe_bytes = 64 * 1024;

} // namespace

// Anonymous pipes cannot be read asynchronously. As for lifelines, a process that watches the names of all
// pipes may open one first: then a pipe with another name is made. The worker's end is not overlapped, since
// the C library and other programs write to it.
output_pipe make_output_pipe() {
    for (int further_tries = 9;; --further_tries) {
        const std::wstring name = L"\\\\.\\pipe\\" + random_name();
        output_pipe pipe;
        pipe.parent_end = own_handle(
            ::CreateNamedPipeW(name.c_str(),
                               PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                               PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1,
                               pipe_bytes, pipe_bytes, 0, nullptr),
            "cannot create a pipe for the output of a worker (CreateNamedPipe)");
        const HANDLE opened = ::CreateFileW(name.c_str(), GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                            FILE_ATTRIBUTE_NORMAL, nullptr);
        if (opened == INVALID_HANDLE_VALUE && ::GetLastError() == ERROR_PIPE_BUSY && further_tries != 0)
            continue;
        pipe.worker_end =
            own_handle(opened, "cannot open the worker's end of a pipe for its output (CreateFile)");
        return pipe;
    }
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

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/lifeline.hpp"

#include "os/lifeline_stream.hpp"
#include "os/windows/native.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {

namespace {

constexpr DWORD buffer_bytes = 64 * 1024;

unique_handle make_event(bool stays_set) {
    return own_handle(::CreateEventW(nullptr, stays_set ? TRUE : FALSE, FALSE, nullptr),
                      "cannot use a lifeline (CreateEvent)");
}

// How many bytes an operation on a pipe that was begun has moved; 0 if it failed, or if `stop` was set first.
DWORD finish(HANDLE pipe, OVERLAPPED& operation, BOOL done_at_once, HANDLE stop) noexcept {
    if (done_at_once == 0 && ::GetLastError() != ERROR_IO_PENDING)
        return 0;
    if (stop != nullptr) {
        const HANDLE both[]{operation.hEvent, stop};
        if (::WaitForMultipleObjects(2, both, FALSE, INFINITE) != WAIT_OBJECT_0)
            ::CancelIoEx(pipe, &operation);
    }
    // The system writes into `operation` until this returns.
    DWORD moved = 0;
    return ::GetOverlappedResult(pipe, &operation, &moved, TRUE) != 0 ? moved : 0;
}

} // namespace

// A pipe that both sides can read and write.
lifeline_pair make_lifeline() {
    auto [parent_end, worker_end] = make_pipe(PIPE_ACCESS_DUPLEX, GENERIC_READ | GENERIC_WRITE,
                                              FILE_FLAG_OVERLAPPED, buffer_bytes, "cannot create a lifeline");
    return {std::move(parent_end), std::move(worker_end)};
}

lifeline::lifeline(unique_handle handle)
    : handle_(adopt_handle(std::move(handle), "cannot use the inherited lifeline"))
    , target_(target_of(handle_.get()))
    , stopped_(make_event(true))
    , has_read_(make_event(false))
    , has_written_(make_event(false)) {}

bool lifeline::read(void* to, std::size_t size) noexcept {
    char* at = static_cast<char*>(to);
    while (size > 0) {
        if (::WaitForSingleObject(stopped_.get(), 0) == WAIT_OBJECT_0)
            return false;
        OVERLAPPED operation{};
        operation.hEvent = has_read_.get();
        const DWORD piece = static_cast<DWORD>(std::min<std::size_t>(size, buffer_bytes));
        const BOOL done = ::ReadFile(handle_.get(), at, piece, nullptr, &operation);
        const DWORD got = finish(handle_.get(), operation, done, stopped_.get());
        if (got == 0)
            return false;
        at += got;
        size -= got;
    }
    return true;
}

bool lifeline::write(const void* from, std::size_t size) noexcept {
    const char* at = static_cast<const char*>(from);
    while (size > 0) {
        OVERLAPPED operation{};
        operation.hEvent = has_written_.get();
        const DWORD piece = static_cast<DWORD>(std::min<std::size_t>(size, buffer_bytes));
        const BOOL done = ::WriteFile(handle_.get(), at, piece, nullptr, &operation);
        const DWORD sent = finish(handle_.get(), operation, done, nullptr);
        if (sent == 0)
            return false;
        at += sent;
        size -= sent;
    }
    return true;
}

void lifeline::stop_reading() noexcept {
    ::SetEvent(stopped_.get());
}

lifeline_stream make_lifeline_stream(boost::asio::io_context& context, unique_handle parent_end) {
    lifeline_stream stream(context, parent_end.get());
    parent_end.release();
    return stream;
}

void hang_up(lifeline_stream& parent_end) noexcept {
    boost::system::error_code ignored;
    parent_end.close(ignored);
}

} // namespace procpool::os

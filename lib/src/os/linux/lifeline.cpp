// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/lifeline.hpp"

#include "os/lifeline_stream.hpp"
#include "os/linux/descriptors.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace procpool::os {

lifeline_pair make_lifeline() {
    int ends[2] = {-1, -1};
    const std::string what = "cannot create a lifeline (socketpair)";
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
        own_descriptor(-1, what);
    unique_handle second(ends[1]);
    lifeline_pair pair;
    pair.parent_end = own_descriptor(ends[0], what);
    pair.worker_end = own_descriptor(second.release(), what);
    return pair;
}

lifeline::lifeline(unique_handle handle)
    : handle_(adopt_descriptor(std::move(handle), "cannot use the inherited lifeline"))
    , target_(target_of(handle_.get())) {}

bool lifeline::read(void* to, std::size_t size) noexcept {
    char* at = static_cast<char*>(to);
    while (size > 0) {
        if (target_of(handle_.get()) !=
            target_) // else what is sent to a socket of the program's would be read
            return false;
        const ssize_t got = ::recv(handle_.get(), at, size, 0);
        if (got == -1 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

bool lifeline::write(const void* from, std::size_t size) noexcept {
    const char* at = static_cast<const char*>(from);
    while (size > 0) {
        if (target_of(handle_.get()) != target_)
            return false;
        const ssize_t sent = ::send(handle_.get(), at, size, MSG_NOSIGNAL);
        if (sent == -1 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

void lifeline::stop_reading() noexcept {
    ::shutdown(handle_.get(), SHUT_RD);
}

lifeline_stream make_lifeline_stream(boost::asio::io_context& context, unique_handle parent_end) {
    lifeline_stream stream(context, boost::asio::local::stream_protocol(), parent_end.get());
    parent_end.release();
    return stream;
}

void hang_up(lifeline_stream& parent_end) noexcept {
    boost::system::error_code ignored;
    parent_end.shutdown(lifeline_stream::shutdown_both, ignored);
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/lifeline.hpp"

#include "os/lifeline_stream.hpp"
#include "os/linux/descriptors.hpp"

#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    , target_(target_of(handle_.get())) {
    watch_maker();
}

/// Watches the process that made the socket, whose number the socket stores. The number cannot belong to
/// another process while that process is the parent of this one.
void lifeline::watch_maker() noexcept {
    ucred maker{};
    socklen_t size = sizeof maker;
    if (::getsockopt(handle_.get(), SOL_SOCKET, SO_PEERCRED, &maker, &size) == -1 || maker.pid <= 0 ||
        maker.pid == ::getpid())
        return; // the maker is in another PID namespace, or is this process
    maker_.reset(static_cast<int>(::syscall(SYS_pidfd_open, maker.pid, 0)));
    maker_target_ = target_of(maker_.get());
    orphaned_ = ::getppid() != maker.pid;
}

/// Waits until there is something to read, or the parent has ended; returns whether the parent lives. If the
/// parent cannot be watched (a sandbox, an emulator), returns at once: an end of file then shows its end.
bool lifeline::maker_lives() noexcept {
    if (maker_ && target_of(maker_.get()) != maker_target_)
        static_cast<void>(maker_.release()); // a task has closed it; the number may belong to another file
    if (!maker_)
        return !orphaned_;
    pollfd either[] = {{handle_.get(), POLLIN, 0}, {maker_.get(), POLLIN, 0}};
    while (::poll(either, 2, -1) == -1) {
        if (errno == EINTR)
            continue;
        static_cast<void>(maker_.release());
        break;
    }
    return !orphaned_ && either[1].revents == 0;
}

bool lifeline::read(void* to, std::size_t size) noexcept {
    char* at = static_cast<char*>(to);
    while (size > 0) {
        if (!maker_lives())
            return false;
        // Another socket may have the number by now; its data must not be read.
        if (target_of(handle_.get()) != target_)
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

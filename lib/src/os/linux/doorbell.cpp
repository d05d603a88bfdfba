// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/doorbell.hpp"

#include "os/linux/descriptors.hpp"
#include "os/linux/time.hpp"
#include "os/system_failure.hpp"

#include <cerrno>
#include <cstdint>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace procpool::os {

namespace {

using steady_time = std::chrono::steady_clock::time_point;

timespec time_left(steady_time deadline) noexcept {
    const steady_time now = std::chrono::steady_clock::now();
    // Compared before it is subtracted: the smallest time point less now would overflow.
    return to_timespec(deadline <= now ? std::chrono::nanoseconds::zero() : deadline - now);
}

} // namespace

doorbell::doorbell(unique_handle handle, doorbell_kind kind) noexcept
    : handle_(std::move(handle))
    , kind_(kind) {}

doorbell doorbell::create(doorbell_kind kind) {
    const int flags = EFD_CLOEXEC | (kind == doorbell_kind::polled ? EFD_NONBLOCK : 0);
    return doorbell(own_descriptor(::eventfd(0, flags), "cannot create a doorbell (eventfd)"), kind);
}

doorbell doorbell::adopt(unique_handle handle) {
    handle = adopt_descriptor(std::move(handle), "cannot use the inherited doorbell");
    const int flags = ::fcntl(handle.get(), F_GETFL);
    if (flags == -1)
        throw_system_failure(errno, "cannot use the inherited doorbell");
    doorbell bell(std::move(handle),
                  (flags & O_NONBLOCK) != 0 ? doorbell_kind::polled : doorbell_kind::blocking);
    bell.target_ = target_of(bell.handle());
    return bell;
}

bool doorbell::ring() const noexcept {
    if (target_ && target_of(handle_.get()) != *target_) // else a file of the program's would get these bytes
        return false;
    const int saved = errno;
    const std::uint64_t one = 1;
    ssize_t put = 0;
    do {
        put = ::write(handle_.get(), &one, sizeof one);
    } while (put == -1 && errno == EINTR);
    // EAGAIN means that the count is full: the bell is ringing.
    const bool rung = put != -1 || errno == EAGAIN;
    errno = saved;
    return rung;
}

doorbell::state doorbell::take() const noexcept {
    std::uint64_t rings = 0;
    ssize_t got = 0;
    do {
        got = ::read(handle_.get(), &rings, sizeof rings);
    } while (got == -1 && errno == EINTR);
    if (got == sizeof rings)
        return state::rung;
    return got == -1 && errno == EAGAIN ? state::silent : state::broken;
}

bool doorbell::poll_until(std::optional<steady_time> deadline) const noexcept {
    pollfd event{handle_.get(), POLLIN, 0};
    for (;;) {
        timespec left{};
        if (deadline)
            left = time_left(*deadline);
        const int ready = ::ppoll(&event, 1, deadline ? &left : nullptr, nullptr);
        if (ready != -1 || errno != EINTR)
            return ready != 0;
    }
}

bool doorbell::wait() const noexcept {
    if (target_ && target_of(handle_.get()) != *target_) // else a file of the program's would be read
        return false;
    // One system call instead of two for a blocking bell.
    for (bool first = kind_ == doorbell_kind::blocking;; first = false) {
        if (!first)
            poll_until(std::nullopt);
        if (const auto found = take(); found != state::silent)
            return found == state::rung;
    }
}

bool doorbell::wait_until(std::optional<steady_time> deadline) const noexcept {
    if (!deadline) {
        static_cast<void>(wait());
        return true;
    }
    // What is broken cannot be slept on: the caller looks at what he waits for, and comes back.
    while (poll_until(deadline)) {
        if (take() != state::silent)
            return true;
    }
    return false;
}

void doorbell::clear() const noexcept {
    if (kind_ == doorbell_kind::polled || poll_until(steady_time::min()))
        take();
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/waiting.hpp"

#include "os/linux/descriptors.hpp"
#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace procpool::os {

namespace {

/// The duration in the kernel's form. Negative durations become zero; nothing overflows.
timespec to_timespec(std::chrono::nanoseconds duration) noexcept {
    duration = std::max(duration, std::chrono::nanoseconds::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    timespec result{};
    result.tv_sec = static_cast<time_t>(seconds.count());
    result.tv_nsec = static_cast<long>((duration - seconds).count());
    return result;
}

} // namespace

bool prepare_process_fence() noexcept {
    // Kernels before 4.14 do not have this command, and a container may forbid the call.
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool process_fence() noexcept {
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free,
              "a futex is a plain 32-bit word");

void wake(std::atomic<std::uint32_t>& word, int sleepers) noexcept {
    const int saved = errno;
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, sleepers, nullptr, nullptr, 0);
    errno = saved;
}

} // namespace

void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    // The steady clock is CLOCK_MONOTONIC. Only the bitset form takes an absolute time on this clock, so that
    // a spurious wake-up does not lengthen the wait.
    timespec until{};
    if (deadline)
        until = to_timespec(deadline->time_since_epoch());
    ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline ? &until : nullptr, nullptr,
              FUTEX_BITSET_MATCH_ANY);
}

void unpark_one(std::atomic<std::uint32_t>& word) noexcept {
    wake(word, 1);
}

void unpark_all(std::atomic<std::uint32_t>& word) noexcept {
    wake(word, std::numeric_limits<int>::max());
}

namespace {

using steady_time = std::chrono::steady_clock::time_point;

timespec time_left(steady_time deadline) noexcept {
    const steady_time now = std::chrono::steady_clock::now();
    // Compared before subtracting, since the smallest time point minus `now` would overflow.
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
    if (target_ && target_of(handle_.get()) != *target_) // another file may have the number by now
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
    if (target_ && target_of(handle_.get()) != *target_) // another file may have the number by now
        return false;
    // A blocking bell is read at once: one system call instead of two.
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
    // A broken bell cannot be slept on: the caller checks its condition, and waits again.
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

namespace {

/// Blocks signals while a thread is started: a new thread inherits the mask, so it never runs with another
/// one.
class signals_blocked {
  public:
    signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        // A fault of the thread itself must not be blocked: the process would end without a trace.
        for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS})
            sigdelset(&all, fault);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

} // namespace

signal_mask own_signal_mask() noexcept {
    static_assert(sizeof(sigset_t) <= sizeof(signal_mask));
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    signal_mask out;
    std::memcpy(out.bits.data(), &now, sizeof now);
    return out;
}

with_signal_mask::with_signal_mask(const signal_mask& during) noexcept {
    sigset_t now;
    sigset_t before;
    std::memcpy(&now, during.bits.data(), sizeof now);
    pthread_sigmask(SIG_SETMASK, &now, &before);
    std::memcpy(before_.bits.data(), &before, sizeof before);
}

with_signal_mask::~with_signal_mask() {
    sigset_t before;
    std::memcpy(&before, before_.bits.data(), sizeof before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::thread make_service_thread(std::function<void()> body) {
    const signals_blocked during;
    return std::thread(std::move(body));
}

} // namespace procpool::os

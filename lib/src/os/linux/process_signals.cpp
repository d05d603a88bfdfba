// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/process_signals.hpp"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace procpool::os {

namespace {

// Defined here, since the kernel headers may be older than the kernel.
constexpr unsigned to_process_group = 1U << 2;       // PIDFD_SIGNAL_PROCESS_GROUP
constexpr auto by_handle = static_cast<idtype_t>(3); // P_PIDFD

int send(native_handle process, int signal, unsigned flags) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, process, signal, nullptr, flags));
}

bool leave_non_blocking_mode(native_handle handle) noexcept {
    const int saved = errno;
    const int flags = ::fcntl(handle, F_GETFL);
    const bool left =
        flags != -1 && (flags & O_NONBLOCK) != 0 && ::fcntl(handle, F_SETFL, flags & ~O_NONBLOCK) == 0;
    errno = saved;
    return left;
}

} // namespace

unique_handle open_process(pid_t number) noexcept {
    return unique_handle(static_cast<int>(::syscall(SYS_pidfd_open, number, 0)));
}

signal_result signal_process(native_handle process, int signal) noexcept {
    if (send(process, signal, 0) == 0)
        return signal_result::sent;
    return errno == ESRCH ? signal_result::gone : signal_result::refused;
}

signal_result signal_child(native_handle child, pid_t number, int signal) noexcept {
    const auto result = signal_process(child, signal);
    if (result == signal_result::refused && is_unreaped_child(child, number) && ::kill(number, signal) == 0)
        return signal_result::sent;
    return result;
}

void signal_group_of(native_handle leader, pid_t number, int signal) noexcept {
    if (send(leader, signal, to_process_group) == 0 || errno == ESRCH)
        return;
    if (is_unreaped_child(leader, number))
        ::kill(-number, signal);
}

bool has_ended(native_handle process) noexcept {
    pollfd end{process, POLLIN, 0};
    return ::poll(&end, 1, 0) == 1;
}

int wait_for(native_handle process, pid_t number, siginfo_t& how, int options) noexcept {
    for (;;) {
        how = {};
        int result = ::waitid(by_handle, static_cast<id_t>(process), &how, options);
        if (result == -1 && errno == EINVAL) // Linux 5.3 cannot wait by handle
            result = ::waitid(P_PID, static_cast<id_t>(number), &how, options);
        // Asio leaves the handle in non-blocking mode, in which waitid does not wait. It must wait here:
        // poll() reports the end of a process that a debugger still holds, but the process cannot be reaped
        // yet.
        if (result == -1 && errno == EAGAIN && leave_non_blocking_mode(process))
            continue;
        if (result == 0 || errno != EINTR)
            return result;
    }
}

bool is_unreaped_child(native_handle process, pid_t number) noexcept {
    siginfo_t ignored;
    return wait_for(process, number, ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool adopts_orphans() noexcept {
    int is_subreaper = 0;
    return ::getpid() == 1 || (::prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper) == 0 && is_subreaper != 0);
}

} // namespace procpool::os

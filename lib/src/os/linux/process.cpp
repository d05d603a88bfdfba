// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/launch_plan.hpp"
#include "os/linux/descendants.hpp"
#include "os/linux/descriptors.hpp"
#include "os/linux/spawn_settings.hpp"
#include "os/self.hpp"
#include "os/system_failure.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace procpool::os {

namespace {

constexpr int first_handle = STDERR_FILENO + 1;

// The kernel's link to the running image, not a path: it works when the file has been replaced or deleted.
constexpr const char* own_program = "/proc/self/exe";

std::string why_not_started(int code) {
    const std::string what = "cannot start a worker";
    switch (code) {
    case E2BIG:
        return what + ": its environment and title are more than the system passes on";
    case EAGAIN:
        return what +
               ": the limit on the number of processes (RLIMIT_NPROC, or pids of a control group) is reached";
    case ENOMEM:
        return what + ": the system has no memory for another process";
    case ENOENT:
        return what + ": " + own_program + " is not there; is /proc mounted?";
    case EACCES:
    case EPERM:
        return what + ": this program may not be executed (" + own_program + ")";
    case EMFILE:
    case ENFILE:
        return what + ": no file descriptor is left";
    default:
        return what + ": posix_spawn of " + own_program + " failed";
    }
}

// The handle that tells of the end of a process and, unlike its number, cannot come to mean another one. None
// if the process has ended and the host program, or the kernel for it, has reaped it already.
unique_handle open_process(pid_t child) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    if (handle == -1 && errno == ESRCH)
        return {};
    return own_descriptor(handle, "cannot watch a worker that was started (pidfd_open)");
}

/// Has it ended, and waits to be reaped? Then it has no children any more.
bool is_dead(pid_t child) noexcept {
    siginfo_t end{};
    return ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           end.si_pid == child;
}

void kill_and_reap(pid_t child) noexcept {
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) == -1 && errno == EINTR) {
    }
}

} // namespace

process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start) {
    spawn_settings settings;
    for (const descriptor_move& move : plan_moves(start.handles, first_handle))
        settings.move_descriptor(move);
    settings.set_standard_streams();
    settings.close_from(first_handle + static_cast<int>(start.handles.size()));
    settings.isolate();

    std::string title = program_name();
    if (!start.title_suffix.empty())
        title += ' ' + start.title_suffix;
    char* arguments[] = {title.data(), nullptr};

    std::vector<std::string> environment = merge_environment(environ, start.environment);
    std::vector<char*> lines;
    lines.reserve(environment.size() + 1);
    for (std::string& line : environment)
        lines.push_back(line.data());
    lines.push_back(nullptr);

    pid_t child = -1;
    const int code = ::posix_spawn(&child, own_program, settings.actions(), settings.attributes(), arguments,
                                   lines.data());
    if (code != 0)
        throw_system_failure(code, why_not_started(code));

    try {
        unique_handle handle = open_process(child);
        if (!handle)
            return process(std::move(executor)); // waiting for it says at once that its status is unknown
        process worker(std::move(executor), child, handle.get());
        handle.release();
        return worker;
    } catch (...) {
        kill_and_reap(child);
        throw;
    }
}

long pid(const process& worker) noexcept {
    return worker.id();
}

void kill_tree(const process& worker) noexcept {
    const pid_t child = worker.id();
    if (child <= 1)
        return;
    const int saved = errno;
    if (!is_dead(child)) // else there is nothing to be found, and a search of /proc takes its time
        kill_descendants(child);
    // The group first: once its leader is dead and reaped by a stranger, the number might be anybody's.
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
    errno = saved;
}

void async_wait_exit(process& worker, std::function<void(exit_report)> handler) {
    worker.async_wait([&worker, handler = std::move(handler)](boost::system::error_code error, int) {
        if (error == boost::asio::error::operation_aborted)
            return;
        // Any other error is ECHILD: the host program has reaped the process, or the kernel did for it.
        exit_report report = describe_exit(worker.native_exit_code(), !error);
        // The number is free now and may soon be another child's, which the destructor must not take for
        // ours.
        worker.detach();
        handler(std::move(report));
    });
}

} // namespace procpool::os

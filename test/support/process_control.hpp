// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROCESS_CONTROL_HPP
#define PROCPOOL_TEST_PROCESS_CONTROL_HPP

#include "os/exit_report.hpp"

#include <procpool/error.hpp>

#include <chrono>
#include <cstdint>
#include <thread>

#if defined(_WIN32)
#include <windows.h>
#else
#include <csignal>

#include <signal.h>
#include <unistd.h>
#endif

// How a test controls processes, and how a process ends itself.
namespace procpool::test {

#if defined(_WIN32)

extern "C" {
/// Functions of ntdll with which debuggers stop a process.
LONG NTAPI NtSuspendProcess(HANDLE process);
LONG NTAPI NtResumeProcess(HANDLE process);
}

/// The exit status of a process that was killed, as by taskkill.
inline constexpr std::uint32_t killed_status = 1;

/// Part of the text about a process that was killed.
inline constexpr const char* killed_text = "exited with status 1";

/// Calls `action` with a handle of a process; does nothing if there is no such process.
template <class Action>
void with_process(long pid, DWORD rights, Action action) {
    const HANDLE process = ::OpenProcess(rights, FALSE, static_cast<DWORD>(pid));
    if (process == nullptr)
        return;
    action(process);
    ::CloseHandle(process);
}

inline long own_pid() {
    return static_cast<long>(::GetCurrentProcessId());
}

/// Ends this process at once, without destructors or handlers. It has a result so that a task can return it.
inline int kill_itself() {
    ::TerminateProcess(::GetCurrentProcess(), killed_status);
    return 0;
}

/// Ends a process at once, in any state.
inline void kill_process(long pid) {
    with_process(pid, PROCESS_TERMINATE, [](HANDLE process) { ::TerminateProcess(process, killed_status); });
}

/// Stops all threads of a process, and continues them.
inline void stop_process(long pid) {
    with_process(pid, PROCESS_SUSPEND_RESUME, [](HANDLE process) { NtSuspendProcess(process); });
}
inline void continue_process(long pid) {
    with_process(pid, PROCESS_SUSPEND_RESUME, [](HANDLE process) { NtResumeProcess(process); });
}

/// Whether a process ended as `kill_process` and `kill_itself` end it.
inline bool was_killed(const worker_lost& lost) {
    return lost.exit_status() == static_cast<int>(killed_status) && !lost.signal_number();
}
inline bool was_killed(const os::exit_report& report) {
    return report.exit_status == static_cast<int>(killed_status);
}

#else

/// Part of the text about a process that was killed.
inline constexpr const char* killed_text = "was killed by signal 9";

inline long own_pid() {
    return ::getpid();
}

/// Ends this process at once, without destructors or handlers. It has a result so that a task can return it.
inline int kill_itself() {
    return std::raise(SIGKILL);
}

/// Ends a process at once, in any state.
inline void kill_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGKILL);
}

/// Stops all threads of a process, and continues them.
inline void stop_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGSTOP);
}
inline void continue_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGCONT);
}

/// Whether a process ended as `kill_process` and `kill_itself` end it.
inline bool was_killed(const worker_lost& lost) {
    return lost.signal_number() == SIGKILL && !lost.exit_status();
}
inline bool was_killed(const os::exit_report& report) {
    return report.signal_number == SIGKILL;
}

#endif

/// Waits in a system call, as long as the process lives.
[[noreturn]] inline void sleep_for_ever() {
    for (;;)
        std::this_thread::sleep_for(std::chrono::hours(1));
}

} // namespace procpool::test

#endif

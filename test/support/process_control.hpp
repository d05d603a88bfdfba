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

// What a test does to processes, and they to themselves.
namespace procpool::test {

#if defined(_WIN32)

extern "C" {
/// Of ntdll; what debuggers stop a process with.
LONG NTAPI NtSuspendProcess(HANDLE process);
LONG NTAPI NtResumeProcess(HANDLE process);
}

/// What a process ends with that is killed, as by taskkill.
inline constexpr std::uint32_t killed_status = 1;

/// Part of what is said of a process that was killed.
inline constexpr const char* killed_text = "exited with status 1";

/// Does something to a process by its handle; nothing if there is no such process.
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

/// Ends this process at once: no destructor, no handler, no last word. A task may return what it "returns".
inline int kill_itself() {
    ::TerminateProcess(::GetCurrentProcess(), killed_status);
    return 0;
}

/// Ends a process at once, whatever it does.
inline void kill_process(long pid) {
    with_process(pid, PROCESS_TERMINATE, [](HANDLE process) { ::TerminateProcess(process, killed_status); });
}

/// Lets all threads of a process stand still, and go on.
inline void stop_process(long pid) {
    with_process(pid, PROCESS_SUSPEND_RESUME, [](HANDLE process) { NtSuspendProcess(process); });
}
inline void continue_process(long pid) {
    with_process(pid, PROCESS_SUSPEND_RESUME, [](HANDLE process) { NtResumeProcess(process); });
}

/// Did it end as `kill_process` and `kill_itself` end one?
inline bool was_killed(const worker_lost& lost) {
    return lost.exit_status() == static_cast<int>(killed_status) && !lost.signal_number();
}
inline bool was_killed(const os::exit_report& report) {
    return report.exit_status == static_cast<int>(killed_status);
}

#else

/// Part of what is said of a process that was killed.
inline constexpr const char* killed_text = "was killed by signal 9";

inline long own_pid() {
    return ::getpid();
}

/// Ends this process at once: no destructor, no handler, no last word. A task may return what it "returns".
inline int kill_itself() {
    return std::raise(SIGKILL);
}

/// Ends a process at once, whatever it does.
inline void kill_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGKILL);
}

/// Lets all threads of a process stand still, and go on.
inline void stop_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGSTOP);
}
inline void continue_process(long pid) {
    ::kill(static_cast<pid_t>(pid), SIGCONT);
}

/// Did it end as `kill_process` and `kill_itself` end one?
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

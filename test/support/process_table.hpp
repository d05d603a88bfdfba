// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROCESS_TABLE_HPP
#define PROCPOOL_TEST_PROCESS_TABLE_HPP

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#if defined(_WIN32)
#include <windows.h>

#include <tlhelp32.h>
#else
#include <unistd.h>
#endif

// The system's information about processes.
namespace procpool::test {

struct process_entry {
    long pid = 0; // 0: there is no such process
    char state = '?';
    long parent = 0;
    std::uint64_t cpu_ticks = 0;
};

#if defined(_WIN32)

/// The processes that exist at this moment.
inline std::vector<process_entry> all_processes() {
    std::vector<process_entry> out;
    const HANDLE table = ::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32W each{};
    each.dwSize = sizeof each;
    for (BOOL more = ::Process32FirstW(table, &each); more != 0; more = ::Process32NextW(table, &each)) {
        process_entry entry;
        entry.pid = static_cast<long>(each.th32ProcessID);
        entry.parent = static_cast<long>(each.th32ParentProcessID);
        entry.state = 'R';
        out.push_back(entry);
    }
    ::CloseHandle(table);
    return out;
}

inline process_entry find_process(long pid) {
    for (const process_entry& each : all_processes())
        if (each.pid == pid)
            return each;
    return {};
}

/// Whether the process exists and runs.
inline bool is_alive(long pid) {
    const HANDLE process = ::OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(pid));
    if (process == nullptr)
        return false;
    const bool ended = ::WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    ::CloseHandle(process);
    return !ended;
}

/// Whether the process is asleep. The system does not tell: an existing process counts as asleep.
inline bool is_asleep(long pid) {
    return is_alive(pid);
}

/// Whether the process is stopped. A process stops as soon as it is told to.
inline bool is_stopped(long pid) {
    return is_alive(pid);
}

/// CPU time that a process has used, in user and system mode.
inline std::chrono::milliseconds cpu_time(long pid) {
    const HANDLE process = ::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(pid));
    FILETIME begin{};
    FILETIME end{};
    FILETIME system{};
    FILETIME user{};
    ::GetProcessTimes(process, &begin, &end, &system, &user);
    ::CloseHandle(process);
    const auto ticks = [](const FILETIME& time) {
        return (static_cast<std::int64_t>(time.dwHighDateTime) << 32) + time.dwLowDateTime;
    };
    return std::chrono::milliseconds((ticks(system) + ticks(user)) / 10'000);
}

/// The running children of a process. The system also lists ended ones while a handle of them is open.
inline std::vector<long> children_of(long parent) {
    std::vector<long> out;
    for (const process_entry& each : all_processes())
        if (each.parent == parent && is_alive(each.pid))
            out.push_back(each.pid);
    return out;
}

#else

inline process_entry find_process(long pid) {
    std::ostringstream text;
    text << std::ifstream("/proc/" + std::to_string(pid) + "/stat").rdbuf();
    const std::string line = text.str();
    // The name in parentheses may contain any character.
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos)
        return {};
    process_entry out;
    out.pid = pid;
    std::istringstream fields(line.substr(name_end + 1));
    fields >> out.state >> out.parent;
    std::string skipped;
    for (int field = 5; field != 14; ++field)
        fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    out.cpu_ticks = user + system;
    return out;
}

/// Whether the process exists and runs; false for a zombie.
inline bool is_alive(long pid) {
    const auto entry = find_process(pid);
    return entry.pid != 0 && entry.state != 'Z' && entry.state != 'X';
}

inline bool is_asleep(long pid) {
    return find_process(pid).state == 'S';
}
inline bool is_stopped(long pid) {
    return find_process(pid).state == 'T';
}

/// CPU time that a process has used, in user and system mode.
inline std::chrono::milliseconds cpu_time(long pid) {
    const auto ticks = static_cast<std::int64_t>(find_process(pid).cpu_ticks);
    return std::chrono::milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK));
}

/// The children of a process, zombies included.
inline std::vector<long> children_of(long parent) {
    std::vector<long> out;
    for (const auto& each : std::filesystem::directory_iterator("/proc")) {
        const std::string name = each.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos)
            continue;
        const auto entry = find_process(std::stol(name));
        if (entry.pid != 0 && entry.parent == parent)
            out.push_back(entry.pid);
    }
    return out;
}

#endif

} // namespace procpool::test

#endif

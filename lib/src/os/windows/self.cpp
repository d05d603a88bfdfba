// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/self.hpp"

#include "os/windows/affinity.hpp"
#include "os/windows/native.hpp"
#include "os/windows/start_note.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>

#include <psapi.h>
#include <windows.h>
#include <winternl.h>

#if defined(_MSC_VER)
#include <crtdbg.h>
#endif

namespace procpool::os {

// A handle has no number that something new could take.
standard_streams_kept_free::standard_streams_kept_free() = default;

std::string to_text(const start_note& note) {
    std::string text = note.job;
    for (const native_handle handle : note.handles)
        text += ',' + std::to_string(reinterpret_cast<std::uintptr_t>(handle));
    return text;
}

std::optional<start_note> note_from_text(std::string_view text) {
    start_note note;
    std::size_t at = text.find(',');
    note.job = text.substr(0, at);
    while (at != std::string_view::npos) {
        const std::size_t end = text.find(',', at + 1);
        const std::string_view digits = text.substr(at + 1, end - (at + 1));
        std::uintptr_t number = 0;
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || stop != digits.data() + digits.size())
            return std::nullopt;
        note.handles.push_back(reinterpret_cast<native_handle>(number));
        at = end;
    }
    return note;
}

const start_note& own_start_note() noexcept {
    // Taken late, since each copy of this library in the process has a note of its own.
    static const start_note own = [] {
        const auto text = take_environment(start_variable);
        return text ? note_from_text(*text).value_or(start_note{}) : start_note{};
    }();
    return own;
}

namespace {

std::size_t affine_cpus() noexcept {
    DWORD_PTR own = 0;
    DWORD_PTR group = 0;
    if (::GetProcessAffinityMask(::GetCurrentProcess(), &own, &group) == 0)
        own = group = 0;
    // This function came with the system that lets processes use all groups.
    const HMODULE system = ::GetModuleHandleW(L"kernel32.dll");
    const bool spans_groups =
        system != nullptr && ::GetProcAddress(system, "GetProcessDefaultCpuSetMasks") != nullptr;
    return cpus_of({.own = own,
                    .group = group,
                    .all_cpus = static_cast<std::size_t>(::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS)),
                    .spans_groups = spans_groups});
}

// What the job that this process is in grants of the whole machine, as containers do.
std::size_t granted_cpus(std::size_t at_most) noexcept {
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate{};
    constexpr DWORD hard_cap = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    if (::QueryInformationJobObject(nullptr, JobObjectCpuRateControlInformation, &rate, sizeof rate,
                                    nullptr) == 0 ||
        (rate.ControlFlags & hard_cap) != hard_cap)
        return at_most;
    constexpr std::size_t whole = 10'000;
    const auto machine = static_cast<std::size_t>(::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS));
    return std::min(at_most, (machine * rate.CpuRate + whole - 1) / whole);
}

} // namespace

std::size_t usable_cpus() {
    return std::max<std::size_t>(granted_cpus(affine_cpus()), 1);
}

std::string program_name() {
    const std::wstring path = program_path();
    return to_utf8(std::wstring_view(path).substr(path.find_last_of(L"\\/") + 1));
}

void set_process_name(const std::string&) noexcept {
    // What tools show is the command line, which the parent has chosen.
}

std::optional<std::string> environment(const char* name) {
    const std::wstring wide = to_wide(name);
    std::wstring value(256, L'\0');
    for (;;) {
        ::SetLastError(ERROR_SUCCESS);
        const DWORD length =
            ::GetEnvironmentVariableW(wide.c_str(), value.data(), static_cast<DWORD>(value.size()));
        if (length == 0 && ::GetLastError() == ERROR_ENVVAR_NOT_FOUND)
            return std::nullopt;
        if (length < value.size()) {
            value.resize(length);
            return to_utf8(value);
        }
        value.resize(length);
    }
}

std::optional<std::string> environment_at_start(const char*) {
    return std::nullopt;
}

void remove_environment(const char* name) noexcept {
    try {
        const std::wstring wide = to_wide(name);
        // What started this process may have passed a name twice.
        for (int rest = 100; rest != 0 && ::GetEnvironmentVariableW(wide.c_str(), nullptr, 0) != 0; --rest)
            ::SetEnvironmentVariableW(wide.c_str(), nullptr);
        ::_wputenv((wide + L'=').c_str()); // the C library has a copy
    } catch (const std::exception&) {
        // There is no memory for the name.
    }
}

std::optional<std::string> take_environment(const char* name) {
    auto value = environment(name);
    if (value)
        remove_environment(name);
    return value;
}

std::uint64_t own_memory() {
    PROCESS_MEMORY_COUNTERS_EX counters{};
    if (::K32GetProcessMemoryInfo(::GetCurrentProcess(),
                                  reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters),
                                  sizeof counters) == 0)
        return 0;
    return counters.PrivateUsage;
}

void limit_own_memory(std::uint64_t bytes) {
    const char* const what = "the memory of a worker could not be limited";
    const unique_handle job = own_handle(::CreateJobObjectW(nullptr, nullptr), what);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY;
    limits.ProcessMemoryLimit =
        static_cast<SIZE_T>(std::min<std::uint64_t>(bytes, std::numeric_limits<SIZE_T>::max()));
    // A job inside the one that it was started in. It lives as long as there are processes in it.
    if (::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits) ==
            0 ||
        ::AssignProcessToJobObject(job.get(), ::GetCurrentProcess()) == 0)
        throw_last_error(what);
}

void set_file_mask(std::uint32_t) noexcept {}

long current_pid() noexcept {
    return static_cast<long>(::GetCurrentProcessId());
}

bool is_child_of(long pid) noexcept {
    PROCESS_BASIC_INFORMATION own{};
    if (::NtQueryInformationProcess(::GetCurrentProcess(), ProcessBasicInformation, &own, sizeof own,
                                    nullptr) < 0)
        return true;
    // The member for it has this name in some headers only.
    return static_cast<DWORD>(reinterpret_cast<const ULONG_PTR*>(&own)[5]) == static_cast<DWORD>(pid);
}

bool process_exists(long) noexcept {
    return true;
}

void end_when_orphaned_by(long) noexcept {}

void go_on_when_orphaned() noexcept {}

void go_on_in_background() noexcept {}

namespace {

BOOL WINAPI handle_ctrl_break(DWORD event) noexcept {
    return event == CTRL_BREAK_EVENT ? TRUE : FALSE;
}

} // namespace

// A process group of its own keeps away Ctrl-C only.
void go_on_at_ctrl_break() noexcept {
    ::SetConsoleCtrlHandler(handle_ctrl_break, TRUE);
}

void fail_without_dialogs() noexcept {
    ::SetErrorMode(::GetErrorMode() | SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX |
                   SEM_NOOPENFILEERRORBOX);
    ::_set_error_mode(_OUT_TO_STDERR);
#if defined(_MSC_VER) || defined(_UCRT)
    ::_set_abort_behavior(0, _CALL_REPORTFAULT);
#endif
#if defined(_MSC_VER) && defined(_DEBUG)
    for (const int kind : {_CRT_WARN, _CRT_ERROR, _CRT_ASSERT}) {
        ::_CrtSetReportMode(kind, _CRTDBG_MODE_FILE);
        ::_CrtSetReportFile(kind, _CRTDBG_FILE_STDERR);
    }
#endif
}

void call_in_forked_copies(void (*)()) {}

void call_around_forks(void (*)(), void (*)()) {}

void exit_now(int status) noexcept {
    // Not ExitProcess, which tells every DLL, one of which may wait for a thread that is no more.
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(status));
    std::abort();
}

void end_own_tree(int status) noexcept {
    // By name: a handle that a worker had of its own job would keep the job open when the parent is gone, and
    // the job ends what is in it when the last handle is closed.
    const std::string& name = own_start_note().job;
    if (!name.empty()) {
        const HANDLE job = ::OpenJobObjectA(JOB_OBJECT_TERMINATE, FALSE, name.c_str());
        if (job != nullptr)
            ::TerminateJobObject(job, static_cast<UINT>(status));
    }
    exit_now(status);
}

} // namespace procpool::os

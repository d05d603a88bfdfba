// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/self.hpp"
#include "os/system_failure.hpp"
#include "os/windows/native.hpp"
#include "os/windows/process_start.hpp"
#include "os/windows/start_note.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {

launch_context launch_context::now() {
    launch_context out;
    out.environment = own_environment();
    for (DWORD size = ::GetCurrentDirectoryW(0, nullptr); size > out.folder.size();) {
        out.folder.resize(size);
        size = ::GetCurrentDirectoryW(size, out.folder.data());
        if (size < out.folder.size()) { // else it has become longer meanwhile
            out.folder.resize(size);
            break;
        }
    }
    return out;
}

namespace {

constexpr const char* not_started = "cannot start a worker";

std::string why_not_started(DWORD code) {
    const std::string what = not_started;
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return what + ": the file of this program is not there any more";
    case ERROR_ACCESS_DENIED:
        return what + ": this program may not be executed";
    case ERROR_NOT_ENOUGH_QUOTA:
        return what + ": the limit on the number of processes of a job is reached";
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_NO_SYSTEM_RESOURCES:
        return what + ": the system has no memory for another process";
    default:
        return what + ": CreateProcess failed";
    }
}

/// `ended_with_it`: what is in the job ends when its last handle is closed, so when this process ends.
void set_limits(native_handle job, bool ended_with_it) {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    // A fault ends the process at once, without a window that waits for a user to close it.
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    if (ended_with_it)
        limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) == 0)
        throw_last_error(not_started);
}

/// One argument that is quoted as a whole. A title has no quotes; a backslash before the last would hide it.
std::wstring command_line(const std::string& title) {
    std::wstring line = L"\"" + to_wide(title);
    if (line.back() == L'\\')
        line.push_back(L'\\');
    return line + L'"';
}

/// Killed by the destructor if it is still owned.
struct created_process {
    unique_handle process;
    unique_handle thread;
    DWORD id = 0;

    created_process(created_process&&) = default;
    created_process& operator=(created_process&&) = delete;
    explicit created_process(const PROCESS_INFORMATION& made) noexcept
        : process(made.hProcess)
        , thread(made.hThread)
        , id(made.dwProcessId) {}
    ~created_process() {
        if (process)
            ::TerminateProcess(process.get(), killed_by_parent);
    }
};

/// A worker has the console of this process, or none: the system would make one for it, with a window or at
/// least a process.
DWORD console_flags() noexcept {
    return ::GetConsoleCP() == 0 ? DETACHED_PROCESS : 0;
}

/// A job for one worker and its descendants.
struct worker_job {
    std::wstring name = random_name();
    unique_handle handle = own_handle(::CreateJobObjectW(nullptr, name.c_str()), not_started);

    worker_job() { set_limits(handle.get(), true); }
};

enum class creation { in_job, suspended_without_job };

/// The niceness of a process of this priority class, so that sums can be made; the inverse of `class_of`.
int niceness_of(DWORD priority_class) noexcept {
    switch (priority_class) {
    case REALTIME_PRIORITY_CLASS:
    case HIGH_PRIORITY_CLASS:
        return -15;
    case ABOVE_NORMAL_PRIORITY_CLASS:
        return -5;
    case BELOW_NORMAL_PRIORITY_CLASS:
        return 5;
    case IDLE_PRIORITY_CLASS:
        return 15;
    default:
        return 0;
    }
}

/// Never the class for real time, which can stop the whole system.
DWORD class_of(long long niceness) noexcept {
    if (niceness >= 15)
        return IDLE_PRIORITY_CLASS;
    if (niceness > 0)
        return BELOW_NORMAL_PRIORITY_CLASS;
    if (niceness == 0)
        return NORMAL_PRIORITY_CLASS;
    return niceness > -15 ? ABOVE_NORMAL_PRIORITY_CLASS : HIGH_PRIORITY_CLASS;
}

/// 0: the system chooses, as it does for any child.
DWORD priority_flag(int added) noexcept {
    if (added == 0)
        return 0;
    return class_of(static_cast<long long>(niceness_of(::GetPriorityClass(::GetCurrentProcess()))) + added);
}

/// Null-terminated; empty: that of the parent now.
std::wstring folder_of(const worker_start& start, const launch_context& context) {
    if (start.directory.empty())
        return context.folder;
    if (start.directory.native().find(L'\0') != std::wstring::npos)
        throw std::invalid_argument("cannot start a worker: the name of its directory contains a NUL");
    const auto path = (std::filesystem::path(context.folder) / start.directory).native();
    const DWORD found = ::GetFileAttributesW(path.c_str());
    const DWORD code = found == INVALID_FILE_ATTRIBUTES          ? ::GetLastError()
                       : (found & FILE_ATTRIBUTE_DIRECTORY) == 0 ? DWORD{ERROR_DIRECTORY}
                                                                 : DWORD{ERROR_SUCCESS};
    if (code != ERROR_SUCCESS)
        throw_system_failure(static_cast<int>(code), std::string(not_started) + ": the directory " +
                                                         to_utf8(path) + " cannot be entered");
    return path;
}

/// Requires: the process does not run yet.
void bind_to_cpus(native_handle process, std::span<const std::size_t> cpus) {
    constexpr std::size_t bits = 8 * sizeof(DWORD_PTR); // the CPUs of a processor group
    DWORD_PTR own = 0;
    DWORD_PTR there = 0;
    if (::GetProcessAffinityMask(process, &own, &there) == 0)
        throw_last_error(std::string(not_started) + ": the CPUs are not known");
    DWORD_PTR wanted = 0;
    for (const std::size_t cpu : cpus) {
        if (cpu >= bits || (there >> cpu & 1U) == 0)
            throw_system_failure(ERROR_INVALID_PARAMETER,
                                 std::string(not_started) + ": CPU " + std::to_string(cpu) +
                                     " does not exist, or is not in the processor group of this process");
        wanted |= DWORD_PTR{1} << cpu;
    }
    if (::SetProcessAffinityMask(process, wanted) == 0)
        throw_last_error(std::string(not_started) + ": the system refuses to bind it to its CPUs");
}

/// A process that is to be bound to CPUs must not run before.
bool is_suspended(const worker_start& start, creation how) noexcept {
    return how == creation::suspended_without_job || !start.cpus.empty();
}

created_process create_process(const worker_start& start, const launch_context& context,
                               const worker_job& job, creation how) {
    start_attributes attributes;
    attributes.set_standard_streams(start.output, start.errors);
    if (how == creation::in_job)
        attributes.set_job(job.handle.get());
    start_note note{to_utf8(job.name), {}};
    for (const native_handle handle : start.handles)
        note.handles.push_back(attributes.inherit(handle));
    auto variables = start.environment;
    variables.emplace_back(start_variable, to_text(note));
    std::wstring environment = environment_block(context.environment, variables, start.unset);
    const std::wstring folder = folder_of(start, context);

    std::string title = program_name();
    if (!start.title_suffix.empty())
        title += ' ' + start.title_suffix;
    std::wstring line = command_line(title);

    STARTUPINFOEXW& info = attributes.startup_info();
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(program_path().c_str(), line.data(), nullptr, nullptr, TRUE,
                         CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT |
                             EXTENDED_STARTUPINFO_PRESENT | console_flags() | priority_flag(start.niceness) |
                             (is_suspended(start, how) ? CREATE_SUSPENDED : 0),
                         environment.data(), folder.empty() ? nullptr : folder.c_str(), &info.StartupInfo,
                         &made) == 0) {
        const DWORD code = ::GetLastError();
        throw_system_failure(static_cast<int>(code), why_not_started(code));
    }
    return created_process(made);
}

void bind_and_resume(const created_process& made, const worker_start& start) {
    if (!start.cpus.empty())
        bind_to_cpus(made.process.get(), start.cpus);
    if (::ResumeThread(made.thread.get()) == static_cast<DWORD>(-1))
        throw_last_error(not_started);
}

/// In two steps: if this process is killed between them, the other one stays suspended, and in no job.
created_process create_and_put_into_job(const worker_start& start, const launch_context& context,
                                        const worker_job& job) {
    created_process made = create_process(start, context, job, creation::suspended_without_job);
    if (::AssignProcessToJobObject(job.handle.get(), made.process.get()) == 0)
        throw_last_error(not_started + std::string(": it cannot be put into a job"));
    bind_and_resume(made, start);
    return made;
}

/// In either way it is in the job before it runs, and so is what it starts.
created_process create_in_job(const worker_start& start, const launch_context& context,
                              const worker_job& job) {
    std::optional<created_process> made;
    try {
        made.emplace(create_process(start, context, job, creation::in_job));
    } catch (const boost::system::system_error& why) {
        // Packaged programs may be denied access; a system may not know the attribute.
        switch (why.code().value()) {
        case ERROR_ACCESS_DENIED:
        case ERROR_INVALID_PARAMETER:
        case ERROR_NOT_SUPPORTED:
            return create_and_put_into_job(start, context, job);
        default:
            throw;
        }
    }
    if (is_suspended(start, creation::in_job))
        bind_and_resume(*made, start);
    return std::move(*made);
}

} // namespace

process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start) {
    std::optional<launch_context> present;
    const launch_context& context =
        start.context != nullptr ? *start.context : present.emplace(launch_context::now());
    worker_job job;
    created_process made = create_in_job(start, context, job);
    return process(std::move(executor), made.id, std::move(made.process), std::move(job.handle));
}

process::process(executor_type executor, std::uint32_t id, unique_handle handle, unique_handle job)
    : id_(id)
    , end_(std::move(executor), handle.get())
    , job_(std::move(job)) {
    static_cast<void>(handle.release());
}

process::process(process&& other) noexcept
    : id_(std::exchange(other.id_, 0))
    , end_(std::move(other.end_))
    , job_(std::move(other.job_)) {}

process::~process() {
    if (id_ == 0)
        return;
    constexpr DWORD longest_ms = 2000; // a driver may hold it, and a destructor is not to hang
    if (kill_tree(*this))
        ::WaitForSingleObject(end_.native_handle(), longest_ms);
    let_go();
}

void process::let_go() noexcept {
    id_ = 0;
    boost::system::error_code ignored;
    end_.close(ignored);
    job_.reset();
}

long pid(const process& worker) noexcept {
    return worker.id() == 0 ? -1 : static_cast<long>(worker.id());
}

bool kill_tree(process& worker) noexcept {
    return worker.id() == 0 || ::TerminateJobObject(worker.job(), killed_by_parent) != 0;
}

namespace {

/// If it has ended, every code is its own, also the one that the system returns for a process that still runs.
/// Without memory for the text, the end is reported all the same.
exit_report report_of(native_handle process, bool has_ended) noexcept {
    DWORD code = 0;
    const bool known = has_ended && ::GetExitCodeProcess(process, &code) != 0;
    exit_report report;
    try {
        report = describe_exit(static_cast<int>(code), known);
    } catch (const std::bad_alloc&) {
        report.text = "ended";
    }
    return report;
}

/// What the worker started and left behind does not concern the pool any more.
void keep_descendants(native_handle job) noexcept {
    try {
        set_limits(job, false);
    } catch (const std::exception&) {
        // then they end with the worker
    }
}

} // namespace

void async_wait_exit(process& worker, std::function<void()> ended, std::function<void(exit_report)> handler) {
    worker.end().async_wait(
        [&worker, ended = std::move(ended), handler = std::move(handler)](boost::system::error_code error) {
            if (error == boost::asio::error::operation_aborted)
                return;
            if (error) // the system could not wait: what is not seen to end is ended
                kill_tree(worker);
            ended();
            exit_report report = report_of(worker.end().native_handle(), !error);
            keep_descendants(worker.job());
            worker.let_go();
            handler(std::move(report));
        });
}

} // namespace procpool::os

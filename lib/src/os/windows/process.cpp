// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/self.hpp"
#include "os/system_failure.hpp"
#include "os/windows/native.hpp"
#include "os/windows/process_start.hpp"
#include "os/windows/start_note.hpp"

#include <boost/asio/error.hpp>

#include <new>
#include <optional>
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

/// Not yet running, and in no job.
struct suspended_process {
    unique_handle process;
    unique_handle thread;
    DWORD id = 0;

    suspended_process(suspended_process&&) = default;
    suspended_process& operator=(suspended_process&&) = delete;
    explicit suspended_process(const PROCESS_INFORMATION& made) noexcept
        : process(made.hProcess)
        , thread(made.hThread)
        , id(made.dwProcessId) {}
    ~suspended_process() {
        if (process)
            ::TerminateProcess(process.get(), killed_by_parent);
    }
};

suspended_process create_process(const worker_start& start, const launch_context& context,
                                 const std::string& job) {
    start_attributes attributes;
    attributes.set_standard_streams();
    start_note note{job, {}};
    for (const native_handle handle : start.handles)
        note.handles.push_back(attributes.inherit(handle));
    auto variables = start.environment;
    variables.emplace_back(start_variable, to_text(note));
    std::wstring environment = environment_block(context.environment, variables);

    std::string title = program_name();
    if (!start.title_suffix.empty())
        title += ' ' + start.title_suffix;
    std::wstring line = command_line(title);

    STARTUPINFOEXW& info = attributes.startup_info();
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(program_path().c_str(), line.data(), nullptr, nullptr, TRUE,
                         CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT |
                             EXTENDED_STARTUPINFO_PRESENT,
                         environment.data(), context.folder.empty() ? nullptr : context.folder.c_str(),
                         &info.StartupInfo, &made) == 0) {
        const DWORD code = ::GetLastError();
        throw_system_failure(static_cast<int>(code), why_not_started(code));
    }
    return suspended_process(made);
}

} // namespace

process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start) {
    std::optional<launch_context> present;
    const launch_context& context =
        start.context != nullptr ? *start.context : present.emplace(launch_context::now());
    const std::wstring name = random_name();
    unique_handle job = own_handle(::CreateJobObjectW(nullptr, name.c_str()), not_started);
    set_limits(job.get(), true);
    suspended_process made = create_process(start, context, to_utf8(name));
    // Before it runs: what it starts is in the job, too.
    if (::AssignProcessToJobObject(job.get(), made.process.get()) == 0)
        throw_last_error(not_started + std::string(": it cannot be put into a job"));
    process worker(std::move(executor), made.id, made.process.get(), std::move(job));
    static_cast<void>(made.process.release());
    if (::ResumeThread(made.thread.get()) == static_cast<DWORD>(-1))
        throw_last_error(not_started);
    return worker;
}

long pid(const process& worker) noexcept {
    const auto id = worker.id();
    return id == 0 || id == static_cast<DWORD>(-1) ? -1 : static_cast<long>(id);
}

bool kill_tree(process& worker) noexcept {
    return pid(worker) == -1 || ::TerminateJobObject(worker.job(), killed_by_parent) != 0;
}

void async_wait_exit(process& worker, std::function<void()> ended, std::function<void(exit_report)> handler) {
    worker.async_wait([&worker, ended = std::move(ended),
                       handler = std::move(handler)](boost::system::error_code error, int) {
        if (error == boost::asio::error::operation_aborted)
            return;
        ended();
        exit_report report;
        try {
            report = describe_exit(static_cast<int>(worker.native_exit_code()), !error);
        } catch (const std::bad_alloc&) { // the end is to be told all the same
            report.text = "ended";
        }
        // What the worker started and left behind is no business of the pool any more.
        try {
            set_limits(worker.job(), false);
        } catch (const std::exception&) {
            // then it ends with the worker
        }
        worker.detach();
        worker.close_job();
        handler(std::move(report));
    });
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/linux/descendants.hpp"
#include "os/linux/descriptors.hpp"
#include "os/linux/process_signals.hpp"
#include "os/linux/spawn.hpp"
#include "os/self.hpp"
#include "os/system_failure.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace procpool::os {
namespace {

/// A descriptor, because the path may later lead to another folder, and the folder may be deleted.
unique_handle open_folder() {
    unique_handle folder = open_file(AT_FDCWD, ".", O_PATH | O_DIRECTORY);
    if (!folder && errno != EMFILE && errno != ENFILE && errno != ENOMEM)
        return {};
    return own_descriptor(folder.release(), "cannot open the working directory");
}

/// From /proc: umask() would change the mask for a moment, for all threads.
std::optional<std::uint32_t> read_file_mask() {
    std::ifstream status("/proc/self/status");
    constexpr std::string_view name = "Umask:";
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name))
            return static_cast<std::uint32_t>(std::stoul(line.substr(name.size()), nullptr, 8));
    return std::nullopt;
}

} // namespace

launch_context launch_context::now() {
    launch_context out;
    for (const char* const* line = environ; line != nullptr && *line != nullptr; ++line)
        out.environment.emplace_back(*line);
    out.folder = open_folder();
    out.file_mask = read_file_mask();
    return out;
}

namespace {

constexpr int first_handle = STDERR_FILENO + 1;

std::string why_not_started(int code, const std::string& program) {
    const std::string what = "cannot start a worker";
    switch (code) {
    case E2BIG:
        return what + ": its environment and title are more than the system passes on";
    case EAGAIN:
        return what +
               ": a limit on the number of processes is reached (RLIMIT_NPROC, pids of a control group, or "
               "the system's)";
    case ENOMEM:
        return what + ": the system has no memory for another process";
    case ENOENT:
        return what + ": " + program + ", or the dynamic loader that it names, is not there";
    case EACCES:
    case EPERM:
        return what + ": the system does not permit to execute " + program;
    case EMFILE:
    case ENFILE:
        return what + ": no file descriptor is left";
    default:
        return what + ": posix_spawn of " + program + " failed";
    }
}

/// Pointers to the texts, ended by a null pointer, as posix_spawn takes them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// The working directory that `start` asks for. It is opened here, since a failure in the new process would not
/// tell it from the program's file.
unique_handle open_directory(const worker_start& start, const launch_context& context) {
    const std::string& path = start.directory.native();
    const std::string what = "cannot start a worker: the directory " + path + " cannot be entered";
    if (path.find('\0') != std::string::npos)
        throw std::invalid_argument("cannot start a worker: the name of its directory contains a NUL");
    const int base = context.folder ? context.folder.get() : AT_FDCWD;
    unique_handle folder = open_file(base, path.c_str(), O_PATH | O_DIRECTORY);
    folder = own_descriptor(folder.release(), what);
    if (::faccessat(folder.get(), ".", X_OK, AT_EACCESS) == -1)
        throw_system_failure(errno, what);
    return folder;
}

/// All threads of the process get it: it may have started some already.
void set_niceness(pid_t child, int added) {
    constexpr int lowest = -20;
    constexpr int highest = 19;
    const int own = ::getpriority(PRIO_PROCESS, 0); // of this thread, from which the process has its own
    const int wanted =
        std::clamp(own + std::clamp(added, lowest - highest, highest - lowest), lowest, highest);
    // It leads its process group. By group the system sets the niceness of all threads.
    if (::setpriority(PRIO_PGRP, static_cast<id_t>(child), wanted) == 0 || errno == ESRCH)
        return; // ESRCH: it has ended
    const int code = errno;
    throw_system_failure(code,
                         "cannot start a worker: the system refuses the niceness " + std::to_string(wanted));
}

/// A handle of the process that `posix_spawn` started. None if the process has ended and was reaped, by the
/// host program or by the kernel for it.
///
/// In that case another process may have the number. A child that leads a process group of its own is assumed
/// to be the started one: a different one would have to be started, with the same number, at the moment when
/// this one ends.
unique_handle hold_started(pid_t child) {
    unique_handle handle = open_process(child);
    if (!handle && errno == ESRCH)
        return {};
    handle = own_descriptor(handle.release(), "cannot watch a worker that was started (pidfd_open)");
    if (!is_unreaped_child(handle.get(), child) || ::getpgid(child) != child)
        return {};
    return handle;
}

/// By number, since there is no handle.
void kill_and_reap(pid_t child) noexcept {
    siginfo_t ignored;
    if (::waitid(P_PID, static_cast<id_t>(child), &ignored, WEXITED | WNOHANG | WNOWAIT) == -1)
        return; // the host program has reaped it
    ::kill(-child, SIGKILL);
    const bool ends = ::kill(child, SIGKILL) == 0; // else it ends by itself, since its lifeline is closed
    while (::waitpid(child, nullptr, ends ? 0 : WNOHANG) == -1 && errno == EINTR) {
    }
}

/// The status in the form that the macros of the C library (WIFEXITED and others) expect.
int wait_status(const siginfo_t& how) noexcept {
    constexpr int core_dumped = 0x80;
    if (how.si_code == CLD_EXITED)
        return (how.si_status & 0xff) << 8;
    return how.si_status | (how.si_code == CLD_DUMPED ? core_dumped : 0);
}

/// Reaps a worker that has ended, then the processes that became children of this process by that end.
class burial : public std::enable_shared_from_this<burial> {
  public:
    burial(process& worker, std::function<void(exit_report)> handler)
        : worker_(worker)
        , handler_(std::move(handler))
        , next_(worker.get_executor())
        , timer_(worker.get_executor()) {}

    /// Requires: the worker has ended.
    void reap() {
        siginfo_t how;
        bool known = false;
        for (;;) {
            known = wait_for(native(worker_), worker_.id(), how, WEXITED | WNOHANG) == 0;
            if (!known || how.si_pid != 0)
                break;
            // A debugger still holds the process, and no event tells when it lets go.
            constexpr std::chrono::milliseconds soon(20);
            try {
                timer_.expires_after(soon);
                timer_.async_wait([self = shared_from_this()](error_code error) {
                    if (!error)
                        self->reap();
                });
                return;
            } catch (const std::exception&) { // no memory for the timer
                std::this_thread::sleep_for(soon);
            }
        }
        report_ = describe_exit(known ? wait_status(how) : 0, known);
        heirs_ = std::move(worker_.heirs());
        worker_.let_go();
        if (heirs_.empty()) {
            handler_(std::move(report_));
            return;
        }
        try {
            timer_.expires_after(max_time_to_end);
            timer_.async_wait([self = shared_from_this()](error_code error) {
                if (!error)
                    self->next_.close(error);
            });
        } catch (const std::exception&) {
            wait_here_for_heirs();
        }
        wait_for_heirs();
    }

    static native_handle native(process& of) noexcept { return of.end().native_handle(); }

  private:
    using error_code = boost::system::error_code;

    /// All heirs have been killed; only the system itself could delay their end.
    static constexpr std::chrono::seconds max_time_to_end{1};

    /// Waits until all heirs have ended: then each is the child of the process that must reap it.
    void wait_for_heirs() {
        for (; ended_ != heirs_.size(); ++ended_) {
            const native_handle heir = heirs_[ended_].get();
            if (has_ended(heir))
                continue;
            error_code error;
            next_.release();
            try {
                next_.assign(heir, error);
                if (error)
                    break;
                next_.async_wait(process::descriptor::wait_read,
                                 [self = shared_from_this()](error_code stopped) {
                                     if (stopped)
                                         self->reap_heirs();
                                     else
                                         self->wait_for_heirs();
                                 });
                return;
            } catch (const std::exception&) {
                wait_here_for_heirs();
                break;
            }
        }
        reap_heirs();
    }

    /// Blocks this thread, since there is no memory for an asynchronous wait.
    void wait_here_for_heirs() noexcept {
        const auto until = std::chrono::steady_clock::now() + max_time_to_end;
        for (; ended_ != heirs_.size(); ++ended_)
            while (!has_ended(heirs_[ended_].get()) && std::chrono::steady_clock::now() < until)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

    void reap_heirs() {
        next_.release();
        timer_.cancel();
        for (const unique_handle& heir : heirs_) {
            siginfo_t ignored;
            wait_for(heir.get(), 0, ignored, WEXITED | WNOHANG); // ECHILD: another process must reap it
        }
        handler_(std::move(report_));
    }

    process& worker_;
    std::function<void(exit_report)> handler_;
    exit_report report_;
    std::vector<unique_handle> heirs_;
    std::size_t ended_ = 0;
    process::descriptor next_; // one of `heirs_`
    boost::asio::steady_timer timer_;
};

} // namespace

process start_worker(boost::asio::io_context::executor_type executor, const worker_start& start) {
    std::optional<launch_context> present;
    const launch_context& context =
        start.context != nullptr ? *start.context : present.emplace(launch_context::now());
    spawn_settings settings;
    unique_handle directory;
    if (!start.directory.empty()) {
        directory = open_directory(start, context);
        settings.enter(directory.get()); // first: a later move may overwrite its descriptor
    } else if (context.folder) {
        settings.enter(context.folder.get());
    }
    settings.set_standard_streams(start.output, start.errors);
    for (const descriptor_move& move : plan_moves(start.handles, first_handle))
        settings.move_descriptor(move);
    settings.close_from(first_handle + static_cast<int>(start.handles.size()));
    settings.isolate();

    std::string title = program_name();
    if (!start.title_suffix.empty())
        title += ' ' + start.title_suffix;
    const own_program& program = find_own_program();
    std::vector<std::string> words = program.arguments;
    words.insert(words.begin(), std::move(title));
    std::vector<char*> arguments = pointers_to(words);

    std::vector<std::string> environment =
        merge_environment(context.environment, start.environment, start.unset);
    std::vector<char*> lines = pointers_to(environment);

    std::optional<thread_on_cpus> on_cpus;
    if (!start.cpus.empty())
        on_cpus.emplace(start.cpus);
    pid_t child = -1;
    const int code = ::posix_spawn(&child, program.file.c_str(), settings.actions(), settings.attributes(),
                                   arguments.data(), lines.data());
    on_cpus.reset();
    if (code != 0)
        throw_system_failure(code, why_not_started(code, program.file));

    try {
        unique_handle handle = hold_started(child);
        if (!handle)
            return process(std::move(executor)); // async_wait_exit reports at once that its status is unknown
        if (start.niceness != 0)
            set_niceness(child, start.niceness);
        return process(std::move(executor), child, std::move(handle));
    } catch (...) {
        kill_and_reap(child);
        throw;
    }
}

process::process(executor_type executor) : basic_process(executor), end_(std::move(executor)) {}

#if defined(PROCPOOL_WITHOUT_BOOST_PROCESS)
basic_process process::with_own_handle(executor_type executor, pid_t pid, os::native_handle) {
    return {std::move(executor), pid};
}
#else
/// Boost's class owns a handle only after its construction, which may fail for lack of memory.
basic_process process::with_own_handle(executor_type executor, pid_t pid, os::native_handle handle) {
    unique_handle own = duplicate(handle, "cannot watch a worker that was started");
    basic_process out(std::move(executor), pid, own.get());
    own.release();
    return out;
}
#endif

process::process(executor_type executor, pid_t pid, unique_handle handle)
    : basic_process(with_own_handle(executor, pid, handle.get()))
    , end_(std::move(executor), handle.get()) {
    handle.release();
}

process::~process() {
    if (id() <= 0)
        return;
    if (kill_tree(*this)) { // else a wait for its end might not return
        siginfo_t ignored;
        wait_for(end_.native_handle(), id(), ignored, WEXITED);
    }
    let_go();
}

void process::let_go() noexcept {
    detach();
    boost::system::error_code ignored;
    end_.close(ignored);
}

long pid(const process& worker) noexcept {
    return worker.id();
}

bool kill_tree(process& worker) noexcept {
    const pid_t child = worker.id();
    if (child <= 1)
        return true;
    const int saved = errno;
    const native_handle handle = burial::native(worker);
    const bool adopts = adopts_orphans();
    if (!has_ended(handle)) // a process that has ended has no children; a search of /proc takes time
        kill_descendants(handle, adopts ? &worker.heirs() : nullptr);
    if (adopts)
        find_own_children_in_group(handle, worker.heirs());
    signal_group_of(handle, child, SIGKILL);
    const auto result = signal_child(handle, child, SIGKILL);
    errno = saved;
    return result != signal_result::refused || has_ended(handle);
}

void async_wait_exit(process& worker, std::function<void()> ended, std::function<void(exit_report)> handler) {
    if (worker.id() <= 0) {
        boost::asio::post(worker.get_executor(), [ended = std::move(ended), handler = std::move(handler)] {
            ended();
            handler(describe_exit(0, false));
        });
        return;
    }
    auto last = std::make_shared<burial>(worker, std::move(handler));
    worker.end().async_wait(
        process::descriptor::wait_read,
        [last = std::move(last), ended = std::move(ended)](boost::system::error_code error) {
            if (error)
                return; // the context ends, or the process was released
            ended();
            last->reap();
        });
}

} // namespace procpool::os

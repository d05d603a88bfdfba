// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/self.hpp"

#include "os/cpu_quota.hpp"
#include "os/linux/descendants.hpp"
#include "os/linux/descriptors.hpp"
#include "os/linux/spawn.hpp"
#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {

standard_streams_kept_free::standard_streams_kept_free() {
    for (;;) {
        unique_handle place = open_file(AT_FDCWD, "/dev/null", O_RDONLY); // gets the lowest free number
        if (place.get() == -1)
            throw_system_failure(errno, "cannot open /dev/null");
        if (place.get() > STDERR_FILENO)
            return;
        places_.push_back(std::move(place));
    }
}

namespace {

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

// The kernel refuses a set that is smaller than its own, even if the machine has few CPUs.
std::size_t affine_cpus() {
    constexpr std::size_t max_cpus = std::size_t{1} << 20;
    for (std::size_t cpus = CPU_SETSIZE; cpus <= max_cpus; cpus *= 2) {
        const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(
            CPU_ALLOC(cpus), [](cpu_set_t* memory) { CPU_FREE(memory); });
        if (set == nullptr)
            break;
        const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
        if (::sched_getaffinity(0, bytes, set.get()) == 0)
            return static_cast<std::size_t>(CPU_COUNT_S(bytes, set.get()));
        if (errno != EINVAL)
            break;
    }
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? static_cast<std::size_t>(online) : 1;
}

std::optional<std::size_t> granted_cpus(const quota_folder& folder) {
    if (folder.unified)
        return cpus_of_cpu_max(read_text(folder.path + "/cpu.max"));
    return cpus_of_cfs(read_text(folder.path + "/cpu.cfs_quota_us"),
                       read_text(folder.path + "/cpu.cfs_period_us"));
}

} // namespace

std::size_t usable_cpus() {
    std::size_t cpus = affine_cpus();
    for (const quota_folder& folder :
         quota_folders(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo")))
        cpus = std::min(cpus, granted_cpus(folder).value_or(cpus));
    return std::max<std::size_t>(cpus, 1);
}

std::string program_name() {
    std::string path(256, '\0');
    for (;;) {
        const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
        if (length <= 0)
            return program_invocation_short_name;
        if (static_cast<std::size_t>(length) < path.size()) {
            path.resize(static_cast<std::size_t>(length));
            break;
        }
        path.resize(path.size() * 2);
    }
    if (const own_program& own = find_own_program(); !own.arguments.empty())
        path = own.arguments.back();
    else if (own.file != "/proc/self/exe")
        path = own.file;
    // The kernel appends this to the link if the file has been deleted or replaced.
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted))
        path.resize(path.size() - deleted.size());
    return path.substr(path.rfind('/') + 1);
}

void set_process_name(const std::string& name) noexcept {
    ::prctl(PR_SET_NAME, name.c_str());
}

std::optional<std::string> take_environment(const char* name) {
    const char* const value = std::getenv(name);
    if (value == nullptr)
        return std::nullopt;
    std::string result = value;
    ::unsetenv(name);
    return result;
}

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::string> environment_at_start(const char* name) {
    // The environment as the kernel copied it when the program was started. setenv() and similar functions do
    // not change it; some programs write their title over it, but not before main().
    const std::string all = '\0' + read_text("/proc/self/environ");
    const std::string begin = '\0' + std::string(name) + '=';
    const auto at = all.find(begin);
    return at == std::string::npos ? std::nullopt
                                   : std::optional(std::string(all.c_str() + at + begin.size()));
}

void remove_environment(const char* name) noexcept {
    ::unsetenv(name);
}

std::uint64_t own_memory() {
    const std::string status = read_text("/proc/self/status");
    const auto at = status.find("VmData:");
    if (at == std::string::npos)
        return 0;
    return std::strtoull(status.c_str() + at + sizeof "VmData:" - 1, nullptr, 10) * 1024;
}

void limit_own_memory(std::uint64_t bytes) {
    // Not RLIMIT_AS: it would count shared memory that is reserved and never touched.
    const auto limit = static_cast<rlim_t>(std::min<std::uint64_t>(bytes, RLIM_INFINITY));
    const rlimit both{limit, limit};
    if (setrlimit(RLIMIT_DATA, &both) == -1)
        throw_system_failure(errno, "the memory of a worker could not be limited");
}

void set_file_mask(std::uint32_t mask) noexcept {
    ::umask(static_cast<mode_t>(mask));
}

long current_pid() noexcept {
    return ::getpid();
}

bool is_child_of(long pid) noexcept {
    const pid_t parent = ::getppid();
    return parent == pid || parent == 0; // 0: the parent is outside of this process's PID namespace
}

bool process_exists(long pid) noexcept {
    return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH;
}

void end_when_orphaned_by(long parent) noexcept {
    if (!is_child_of(parent))
        return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!is_child_of(parent)) // the parent ended before the prctl
        ::_exit(1);
}

void go_on_when_orphaned() noexcept {
    // The system itself continues stopped groups of orphans, but not a group that is about to stop.
    ::prctl(PR_SET_PDEATHSIG, SIGCONT);
}

void go_on_in_background() noexcept {
    // Ignored, not handled: a program that a task starts, such as `stty` or `ssh`, inherits only an ignored
    // signal. Otherwise it would be stopped, and a task that waits for it would hang. A handler would also
    // let tcsetattr() fail with EINTR.
    for (const int stop : {SIGTTOU, SIGTTIN, SIGTSTP})
        ::signal(stop, SIG_IGN);
}

void go_on_at_ctrl_break() noexcept {}

void fail_without_dialogs() noexcept {}

void call_in_forked_copies(void (*what)()) {
    if (const int code = ::pthread_atfork(nullptr, nullptr, what); code != 0)
        throw_system_failure(code, "cannot watch for forks");
}

void call_around_forks(void (*before)(), void (*after)()) {
    if (const int code = ::pthread_atfork(before, after, after); code != 0)
        throw_system_failure(code, "cannot watch for forks");
}

void exit_now(int status) noexcept {
    ::_exit(status);
}

void end_own_tree(int status) noexcept {
    // When the parent ends, the system may send this process a SIGHUP, which would end it before it is done
    // here.
    ::signal(SIGHUP, SIG_IGN);
    kill_own_descendants();
    // Only a group that this process leads: if it was moved into another group, such as a shell's job, that
    // must not be killed.
    if (::getpgrp() == ::getpid())
        ::kill(0, SIGKILL);
    ::_exit(status);
}

} // namespace procpool::os

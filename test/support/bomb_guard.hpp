// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_BOMB_GUARD_HPP
#define PROCPOOL_TEST_BOMB_GUARD_HPP

#include "support/eventually.hpp"
#include "support/process_control.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// For programs that would start processes without end if the library were wrong. Two limits end such a chain
// of processes: a generation number in the environment, and a maximum number of processes. Linux only.
namespace procpool::test {

inline constexpr const char* generation_variable = "PROCPOOL_TEST_GENERATION";

/// The number of processes between this one and the test, which is 0. A process of the fifth generation exits
/// with status 120. Called in the first initializer of the program.
inline int own_generation() {
    static const int own = [] {
        const char* const text = std::getenv(generation_variable);
        const int number = text == nullptr ? 0 : std::atoi(text);
        if (number > 4) {
            std::fputs("not so: processes are started without end\n", stderr);
            ::_exit(120);
        }
        ::setenv(generation_variable, std::to_string(number + 1).c_str(), 1);
        return number;
    }();
    return own;
}

/// Limits the number of this process and its descendants to 150: by a control group if one can be created,
/// else by running as an ordinary user. The destructor ends the processes in the control group.
///
/// Requires: one object, in the process of generation 0.
class bomb_guard {
  public:
    bomb_guard() {
        own_generation();
        if (!enter_group())
            limit_user();
    }
    bomb_guard(const bomb_guard&) = delete;
    bomb_guard& operator=(const bomb_guard&) = delete;
    ~bomb_guard() {
        if (folder_.empty())
            return;
        write(parent_ + "/cgroup.procs", "0");
        eventually([&] {
            std::ifstream members(folder_ + "/cgroup.procs");
            for (long pid = 0; members >> pid;)
                kill_process(pid);
            return ::rmdir(folder_.c_str()) == 0;
        });
    }

  private:
    static constexpr const char* most = "150";

    static bool write(const std::string& file, const std::string& text) {
        std::ofstream out(file);
        return static_cast<bool>(out << text << std::flush);
    }

    /// Uses version 1 of control groups; in version 2, a group that contains other groups can contain no
    /// process.
    bool enter_group() {
        std::ifstream groups("/proc/self/cgroup");
        for (std::string line; std::getline(groups, line);) { // "4:pids:/group"
            const auto at = line.find(":pids:");
            if (at == std::string::npos)
                continue;
            for (const auto& parent :
                 {"/sys/fs/cgroup/pids" + line.substr(at + 6), std::string("/sys/fs/cgroup/pids")}) {
                const auto folder = parent + "/procpool-test-" + std::to_string(::getpid());
                if (::mkdir(folder.c_str(), 0700) != 0)
                    continue;
                if (write(folder + "/pids.max", most) && write(folder + "/cgroup.procs", "0")) {
                    parent_ = parent;
                    folder_ = folder;
                    return true;
                }
                ::rmdir(folder.c_str());
            }
        }
        return false;
    }

    static void limit_user() {
        if (::geteuid() == 0)
            become_user();
        const auto limit = static_cast<rlim_t>(std::atoi(most)) + processes_of_user();
        const rlimit few{limit, limit};
        ::setrlimit(RLIMIT_NPROC, &few);
    }

    /// The limit does not apply to root. The new user has a number that is hardly used, since that user's
    /// other processes would count, too. Programs that this process starts keep access to all files: the
    /// build may be in root's home.
    static void become_user() {
        constexpr unsigned kept = CAP_DAC_OVERRIDE;
        ::prctl(PR_SET_KEEPCAPS, 1);
        if (::setresuid(61'338, 61'338, 61'338) != 0)
            return;
        __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
        __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3] = {};
        auto& first = capabilities[CAP_TO_INDEX(kept)];
        first.effective = first.permitted = first.inheritable = CAP_TO_MASK(kept);
        if (::syscall(SYS_capset, &version, capabilities) == 0)
            ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept, 0, 0);
        ::prctl(PR_SET_DUMPABLE, 1); // otherwise /proc/self belongs to root
    }

    static std::size_t processes_of_user() {
        std::size_t count = 0;
        for (const auto& each : std::filesystem::directory_iterator("/proc")) {
            struct stat facts {};
            if (::stat((each.path() / "task").c_str(), &facts) == 0 && facts.st_uid == ::getuid())
                count += facts.st_nlink; // its threads, and a few more
        }
        return count;
    }

    std::string parent_;
    std::string folder_;
};

} // namespace procpool::test

#endif

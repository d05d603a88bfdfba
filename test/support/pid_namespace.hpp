// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PID_NAMESPACE_HPP
#define PROCPOOL_TEST_PID_NAMESPACE_HPP

#include "support/integration_main.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

// A PID namespace, as containers have, in which the next process number can be chosen. /proc still belongs to
// the outer namespace, as after `unshare --pid --fork`.
namespace procpool::test {

inline constexpr int not_run_here = 77; // CTest regards the test as skipped

/// Starts this program as process 1 of a new namespace, with `script`, and returns its wait status. If no
/// such namespace is permitted, returns the wait status of an exit with `not_run_here`.
inline int status_in_pid_namespace(const std::string& script) {
    if (::unshare(CLONE_NEWPID) == -1)
        return not_run_here << 8;
    const pid_t first = ::fork();
    if (first == 0) {
        ::setenv(script_variable, script.c_str(), 1);
        ::execl("/proc/self/exe", "program", static_cast<char*>(nullptr));
        ::_exit(97);
    }
    int status = -1;
    while (::waitpid(first, &status, 0) == -1 && errno == EINTR) {
    }
    return status;
}

/// Makes the next process or thread of this namespace get this number, unless it is in use.
inline bool choose_next_number(long number) {
    std::ofstream last("/proc/sys/kernel/ns_last_pid");
    return static_cast<bool>(last << number - 1 << std::flush);
}

/// Why no namespace can be created here, or no number chosen in it.
inline std::optional<std::string> obstacle_to_pid_namespaces() {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWPID) == -1)
            ::_exit(1);
        const pid_t first = ::fork();
        if (first == 0)
            ::_exit(choose_next_number(2000) ? 0 : 1);
        int status = 1;
        ::waitpid(first, &status, 0);
        ::_exit(status == 0 ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    if (status == 0)
        return std::nullopt;
    return "a PID namespace, and a number chosen in it (/proc/sys/kernel/ns_last_pid), need CAP_SYS_ADMIN";
}

} // namespace procpool::test

#endif

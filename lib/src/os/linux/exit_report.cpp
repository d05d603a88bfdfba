// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/exit_report.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <new>
#include <string>

#include <string.h>
#include <sys/wait.h>

namespace procpool::os {

namespace {

const char* signal_description(int number) noexcept {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
    // Not strsignal: its buffer is shared by all threads, and its texts depend on the locale.
    return ::sigdescr_np(number);
#else
    return ::strsignal(number);
#endif
}

/// Whether a signal is usually sent by another process. Signals for a fault or an exceeded limit are not.
bool is_order(int number) noexcept {
    constexpr int orders[]{SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM, SIGUSR1, SIGUSR2};
    return std::find(std::begin(orders), std::end(orders), number) != std::end(orders);
}

std::string text_of(const exit_report& how) {
    if (how.exit_status)
        return "exited with status " + std::to_string(*how.exit_status);
    if (!how.signal_number)
        return "died, status unknown";
    auto out = "was killed by signal " + std::to_string(*how.signal_number);
    if (const char* const description = signal_description(*how.signal_number))
        out += " (" + std::string(description) + ")";
    return out;
}

} // namespace

exit_report describe_exit(int native_exit_code, bool known) {
    exit_report report;
    if (known && WIFEXITED(native_exit_code)) {
        report.exit_status = WEXITSTATUS(native_exit_code);
    } else if (known && WIFSIGNALED(native_exit_code)) {
        report.signal_number = WTERMSIG(native_exit_code);
        report.on_order = is_order(*report.signal_number);
    }
    try {
        report.text = text_of(report);
    } catch (const std::bad_alloc&) {
        report.text = "ended"; // short enough to need no memory
    }
    return report;
}

bool ended_by(const exit_report& how, std::uint32_t cause) noexcept {
    // SIGALRM ends a process that has not finished its crash record in time; see crash_watch.
    return how.signal_number == static_cast<int>(cause) || how.signal_number == SIGALRM;
}

} // namespace procpool::os

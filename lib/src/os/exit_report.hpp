// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_EXIT_REPORT_HPP
#define PROCPOOL_OS_EXIT_REPORT_HPP

#include <cstdint>
#include <optional>
#include <string>

// How a process ended, as numbers and as text.
namespace procpool::os {

/// At most one of the two numbers is set; neither if the host program has read the status.
struct exit_report {
    std::optional<int> exit_status;
    std::optional<int> signal_number;
    std::string text;       // follows "worker 4711 ": "exited with status 3", "was killed by signal 11
                            // (Segmentation fault)"
    bool exception = false; // Windows: by an exception that `text` names
    bool on_order = false;  // by a signal from outside, not by a fault of its own
};

/// `native_exit_code` is the system's (a wait status on POSIX); it is ignored if the status is not `known`.
/// On Linux, without memory for the text, the text is "ended", and nothing is thrown.
exit_report describe_exit(int native_exit_code, bool known);

/// Whether a crash_record with this cause matches the way in which the process ended.
bool ended_by(const exit_report& how, std::uint32_t cause) noexcept;

} // namespace procpool::os

#endif

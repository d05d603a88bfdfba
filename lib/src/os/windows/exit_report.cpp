// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/exit_report.hpp"

#include "os/windows/native.hpp"

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace procpool::os {

namespace {

struct named_code {
    std::uint32_t code;
    std::string_view words;
};

// Structured exceptions that are not handled end a process with their code.
constexpr named_code exceptions[]{
    {0xC0000005, "access violation"},
    {0xC0000006, "in-page error"},
    {0xC0000017, "no memory"},
    {0xC000001D, "illegal instruction"},
    {0xC0000025, "non-continuable exception"},
    {0xC000008C, "array bounds exceeded"},
    {0xC000008E, "floating-point division by zero"},
    {0xC0000090, "invalid floating-point operation"},
    {0xC0000091, "floating-point overflow"},
    {0xC0000094, "integer division by zero"},
    {0xC0000095, "integer overflow"},
    {0xC0000096, "privileged instruction"},
    {0xC00000FD, "stack overflow"},
    {0xC0000135, "a DLL was not found"},
    {0xC0000139, "an entry point was not found in a DLL"},
    {0xC0000142, "a DLL could not be initialized"},
    {0xC0000374, "heap corruption"},
    {0xC0000409, "stack buffer overrun, or a call of abort()"},
    {0xC0000417, "invalid argument of a C library function"},
    {0x80000002, "misaligned data"},
    {0x80000003, "breakpoint"},
    {0x20474343, "unhandled C++ exception"}, // of GCC
    {0xE06D7363, "unhandled C++ exception"}, // of MSVC
};

// What the Task Manager and taskkill let a process end with; some programs end with it themselves.
constexpr std::uint32_t ended_by_user = 1;

// Not the fault of the process.
constexpr named_code orders[]{
    {killed_by_parent, "terminated by its pool"},
    {0xC000013A, "ended by Ctrl-C, or with its console"},
    {0x40010004, "terminated by a debugger, or at log-off"},
};

std::string in_hexadecimal(std::uint32_t code) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08lX", static_cast<unsigned long>(code));
    return text;
}

} // namespace

exit_report describe_exit(int native_exit_code, bool known) {
    exit_report report;
    if (!known) {
        report.text = "died, status unknown";
        return report;
    }
    report.exit_status = native_exit_code;
    const auto code = static_cast<std::uint32_t>(native_exit_code);
    for (const auto& [order, words] : orders) {
        if (order == code) {
            report.on_order = true;
            report.text = "was " + std::string(words);
            return report;
        }
    }
    for (const auto& [exception, words] : exceptions) {
        if (exception == code) {
            report.exception = true;
            report.text = "was ended by exception " + in_hexadecimal(code) + " (" + std::string(words) + ")";
            return report;
        }
    }
    report.on_order = code == ended_by_user;
    report.text = "exited with status " +
                  (native_exit_code < 0 ? in_hexadecimal(code) : std::to_string(native_exit_code));
    return report;
}

bool ended_by(const exit_report& how, std::uint32_t cause) noexcept {
    return how.exit_status == static_cast<int>(cause);
}

} // namespace procpool::os

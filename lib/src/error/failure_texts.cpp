// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/failure_texts.hpp"

#include <charconv>
#include <csignal>
#include <new>
#include <utility>

namespace procpool::detail {
namespace {

// The signals that end workers. Windows has only some of them.
std::string_view signal_name(int number) {
    static constexpr std::pair<int, std::string_view> names[]{
        {SIGABRT, "SIGABRT"}, {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
        {SIGINT, "SIGINT"},   {SIGSEGV, "SIGSEGV"}, {SIGTERM, "SIGTERM"},
#ifdef SIGKILL
        {SIGKILL, "SIGKILL"},
#endif
#ifdef SIGBUS
        {SIGBUS, "SIGBUS"},
#endif
#ifdef SIGHUP
        {SIGHUP, "SIGHUP"},
#endif
#ifdef SIGQUIT
        {SIGQUIT, "SIGQUIT"},
#endif
#ifdef SIGPIPE
        {SIGPIPE, "SIGPIPE"},
#endif
#ifdef SIGSYS
        {SIGSYS, "SIGSYS"},
#endif
#ifdef SIGTRAP
        {SIGTRAP, "SIGTRAP"},
#endif
#ifdef SIGXCPU
        {SIGXCPU, "SIGXCPU"},
#endif
#ifdef SIGXFSZ
        {SIGXFSZ, "SIGXFSZ"},
#endif
    };
    for (const auto& [value, name] : names) {
        if (value == number)
            return name;
    }
    return {};
}

std::string in_quotes(std::string_view name) {
    return '"' + std::string(name) + '"';
}

std::string in_worker(long pid) {
    return " in worker " + std::to_string(pid);
}

// In the largest unit that gives at least 1: 1.5 s, 250 ms, 10 us, 7 ns.
std::string readable(std::chrono::nanoseconds duration) {
    static constexpr std::pair<long long, std::string_view> units[]{
        {1'000'000'000, " s"}, {1'000'000, " ms"}, {1'000, " us"}, {1, " ns"}};
    const long long count = duration.count();
    for (const auto& [unit, suffix] : units) {
        if (count < unit && unit != 1)
            continue;
        std::string text = std::to_string(count / unit);
        if (const long long tenths = count % unit * 10 / unit; tenths > 0)
            text += '.' + std::to_string(tenths);
        return text + std::string(suffix);
    }
    return "0 ns";
}

} // namespace

std::string ending_text(std::optional<int> exit_status, std::optional<int> signal_number) {
    if (signal_number) {
        const std::string_view name = signal_name(*signal_number);
        return "was killed by signal " + std::to_string(*signal_number) +
               (name.empty() ? std::string() : " (" + std::string(name) + ')');
    }
    if (exit_status && *exit_status < 0) // a 32-bit status of Windows, where hexadecimal is usual
        return "exited with status " + in_hexadecimal(static_cast<std::uint32_t>(*exit_status));
    if (exit_status)
        return "exited with status " + std::to_string(*exit_status);
    return "ended, and its status is unknown";
}

std::string in_utf8(const std::filesystem::path& path) {
    const auto text = path.u8string();
    return std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

std::string in_hexadecimal(std::uint64_t number) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    return "0x" + std::string(digits, end);
}

std::string worker_lost_text(std::string_view task_name, long pid, std::string_view ending) {
    return "Worker " + std::to_string(pid) + ' ' + std::string(ending) + " while it ran task " +
           in_quotes(task_name) + ": the task may have run, in part or in whole.";
}

std::string task_timeout_text(std::string_view task_name, long pid, std::chrono::nanoseconds timeout) {
    return "Task " + in_quotes(task_name) + in_worker(pid) + " ran past its time-out of " +
           readable(timeout) + " and was stopped: it has run, in part or in whole.";
}

std::string task_cancelled_text(std::string_view task_name, std::optional<long> running_in) {
    if (!running_in)
        return "Task " + in_quotes(task_name) + " was cancelled while it was queued: it has not run.";
    return "Task " + in_quotes(task_name) + in_worker(*running_in) +
           " was cancelled while it ran: it has run, in part or in whole.";
}

std::string pool_terminated_text(std::string_view task_name, std::optional<long> running_in) {
    if (!running_in)
        return "The pool was terminated while task " + in_quotes(task_name) + " was queued: it has not run.";
    return "The pool was terminated while task " + in_quotes(task_name) + in_worker(*running_in) +
           " ran: it may have run, in part or in whole.";
}

std::string start_failed_text(std::size_t worker_index, std::string_view why) {
    std::string text =
        "Worker " + std::to_string(worker_index) + " could not be started: " + std::string(why);
    if (!text.ends_with('.'))
        text += '.';
    return text;
}

std::string initializer_failed_text(const std::exception_ptr& why) noexcept {
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& e) {
        try {
            return std::string("its initializer failed: ") + e.what();
        } catch (const std::bad_alloc&) {
            return "no memory"; // short enough to need no memory
        }
    } catch (...) {
        return {};
    }
}

} // namespace procpool::detail

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/crash_reports.hpp"

#include "error/thrown_object.hpp"
#include "os/crash_watch.hpp"
#include "os/self.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace procpool::serving {
namespace {

os::crash_record* record_of_process = nullptr;
long reporting_process = 0;
std::terminate_handler next_handler = nullptr;
std::atomic_flag terminating;

/// Not called in a signal handler, so it may allocate, and may throw for lack of memory.
std::string reason_of_terminate() {
    const auto error = std::current_exception();
    if (!error)
        return {};
    auto thrown = detail::inspect(error);
    return thrown.text ? thrown.type_name + ": " + *thrown.text : thrown.type_name;
}

[[noreturn]] void write_reason() {
    // A child that a task forked shares the record, and must not write to it.
    if (os::current_pid() == reporting_process && !terminating.test_and_set()) {
        std::string reason;
        try {
            reason = reason_of_terminate();
        } catch (...) {
            // Without memory, the report only shows that std::terminate() was called.
        }
        auto& record = *record_of_process;
        const auto bytes = std::min(reason.size(), os::crash_record::max_text_bytes);
        std::memcpy(record.text, reason.data(), bytes);
        record.text_bytes = static_cast<std::uint32_t>(bytes);
        record.texts.store(1, std::memory_order_release);
    }
    next_handler(); // prints the exception
    std::abort();
}

} // namespace

void report_crashes(os::crash_record& record) noexcept {
    record_of_process = &record;
    reporting_process = os::current_pid();
    next_handler = std::set_terminate(write_reason);
    os::watch_for_crashes(record);
}

} // namespace procpool::serving

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "crash/crash_report.hpp"

#include "crash/symbols.hpp"
#include "error/failure_texts.hpp"
#include "os/crash_watch.hpp"
#include "os/self.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

namespace procpool::pooling {
namespace {

/// `inner`: the frame of the fault. All other frames hold a return address, which may belong to the next
/// line.
std::vector<std::string> functions_of(const code_place& place, bool inner) {
    const auto offset = inner || place.offset == 0 ? place.offset : place.offset - 1;
    const void* const here = place.module ? os::loaded_place(*place.module, offset) : nullptr;
    return here != nullptr ? functions_at(here) : std::vector<std::string>();
}

std::string without_name(const code_place& place) {
    const auto where = detail::in_hexadecimal(place.offset);
    if (!place.module)
        return where;
    return where + " in " + (place.module->empty() ? os::program_name() : *place.module);
}

} // namespace

std::string stack_text(const std::vector<code_place>& stack) {
    std::string text;
    std::size_t number = 0;
    const auto add = [&](const std::string& what) {
        text.append(number < 10 ? " " : "")
            .append(std::to_string(number))
            .append("# ")
            .append(what)
            .append("\n");
        ++number;
    };
    for (const auto& place : stack) {
        const auto functions = functions_of(place, &place == stack.data());
        for (const auto& function : functions)
            add(function);
        if (functions.empty())
            add(without_name(place));
    }
    return text;
}

namespace {

using os::crash_record;

template <class Record>
code_place place_of(const Record& record, const crash_record::place& place) {
    const auto modules = std::min<std::size_t>(record.module_count, crash_record::max_modules);
    if (place.module >= modules)
        return {std::nullopt, place.offset};
    const char* const name = record.modules[place.module];
    return {std::string(name, std::find(name, name + crash_record::max_name_bytes, '\0')), place.offset};
}

} // namespace

worker_end end_of_worker(os::exit_report how, const crash_record& shared) {
    worker_end end{std::move(how), std::nullopt};
    const bool caused = shared.causes.load(std::memory_order_acquire) == 1;
    const bool explained = shared.texts.load(std::memory_order_acquire) == 1;
    if (!caused && !explained)
        return end;
    // A process that a task left running may still write to the record, so a copy is checked.
    const auto places =
        std::min<std::size_t>(shared.places.load(std::memory_order_acquire), crash_record::max_places);
    const auto copy = std::make_unique<std::byte[]>(sizeof shared);
    std::memcpy(copy.get(), static_cast<const void*>(&shared), sizeof shared);
    const auto& record = *reinterpret_cast<const crash_record*>(copy.get());

    crash_report crash;
    if (caused && os::ended_by(end.how, record.cause)) {
        if (record.has_address == 1)
            crash.address = record.address;
        for (std::size_t i = 0; i != places; ++i)
            crash.stack.push_back(place_of(record, record.stack[i]));
    }
    if (explained)
        crash.terminated_by =
            std::string(record.text, std::min<std::size_t>(record.text_bytes, crash_record::max_text_bytes));
    if (crash.address || !crash.stack.empty() || crash.terminated_by)
        end.crash = std::move(crash);
    return end;
}

std::vector<code_place> stack_in(const os::stack_record& shared, std::uint64_t number) {
    if (number == 0 || shared.answers.load(std::memory_order_acquire) != number)
        return {};
    const auto places =
        std::min<std::size_t>(shared.places.load(std::memory_order_acquire), crash_record::max_places);
    // The worker may write another answer meanwhile, so a copy is checked.
    const auto copy = std::make_unique<std::byte[]>(sizeof shared);
    std::memcpy(copy.get(), static_cast<const void*>(&shared), sizeof shared);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (shared.answers.load(std::memory_order_relaxed) != number)
        return {};
    const auto& record = *reinterpret_cast<const os::stack_record*>(copy.get());
    std::vector<code_place> out;
    for (std::size_t i = 0; i != places; ++i)
        out.push_back(place_of(record, record.stack[i]));
    return out;
}

std::string ending_text(const worker_end& end) {
    const auto& how = end.how;
    std::string text = how.exception ? how.text : detail::ending_text(how.exit_status, how.signal_number);
    if (!end.crash)
        return text;
    if (end.crash->address)
        text += " at address " + detail::in_hexadecimal(*end.crash->address);
    if (const auto& reason = end.crash->terminated_by)
        text = "called std::terminate()" +
               (reason->empty() ? std::string() : " because of " + *reason + ',') + " and " + text;
    return text;
}

} // namespace procpool::pooling

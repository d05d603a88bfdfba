// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/crash_watch.hpp"

#include "os/windows/native.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace procpool::os {

namespace {

crash_record* record_of_process = nullptr;
LPTOP_LEVEL_EXCEPTION_FILTER next_filter = nullptr;
std::atomic<bool> crashing{false};

HMODULE module_of(const void* address) noexcept {
    HMODULE module = nullptr;
    const auto found = ::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                            static_cast<LPCWSTR>(address), &module);
    return found != 0 ? module : nullptr;
}

/// Index of a module in the record, where it is added if need be.
std::uint32_t module_index(crash_record& record, HMODULE module) noexcept {
    char name[crash_record::max_name_bytes] = "";
    if (module != ::GetModuleHandleW(nullptr)) {
        wchar_t wide[MAX_PATH] = L"";
        const auto length = ::GetModuleFileNameW(module, wide, MAX_PATH);
        if (length == 0 || length == MAX_PATH ||
            ::WideCharToMultiByte(CP_UTF8, 0, wide, -1, name, sizeof name, nullptr, nullptr) == 0)
            return crash_record::no_module;
    }
    for (std::uint32_t i = 0; i != record.module_count; ++i) {
        if (std::strcmp(record.modules[i], name) == 0)
            return i;
    }
    if (record.module_count == crash_record::max_modules)
        return crash_record::no_module;
    std::memcpy(record.modules[record.module_count], name, sizeof name);
    return record.module_count++;
}

void record_stack(crash_record& record, const void* fault) noexcept {
    void* addresses[crash_record::max_places * 2];
    const auto count = ::RtlCaptureStackBackTrace(0, crash_record::max_places * 2, addresses, nullptr);
    void** const end = addresses + count;
    // The frames above the fault are those that look for a handler.
    void** first = std::find(addresses, end, fault);
    if (first == end)
        first = addresses;
    std::uint32_t found = 0;
    for (; first != end && found != crash_record::max_places; ++first, ++found) {
        const HMODULE module = module_of(*first);
        const auto index = module != nullptr ? module_index(record, module) : crash_record::no_module;
        const auto address = reinterpret_cast<std::uint64_t>(*first);
        record.stack[found] = {
            index != crash_record::no_module ? address - reinterpret_cast<std::uint64_t>(module) : address,
            index};
    }
    record.places.store(found, std::memory_order_release);
}

LONG WINAPI write_record(EXCEPTION_POINTERS* why) noexcept {
    if (!crashing.exchange(true)) {
        auto& record = *record_of_process;
        const auto& exception = *why->ExceptionRecord;
        record.cause = exception.ExceptionCode;
        const bool touched = (exception.ExceptionCode == EXCEPTION_ACCESS_VIOLATION ||
                              exception.ExceptionCode == EXCEPTION_IN_PAGE_ERROR) &&
                             exception.NumberParameters >= 2;
        record.has_address = 1;
        record.address = touched ? exception.ExceptionInformation[1]
                                 : reinterpret_cast<std::uint64_t>(exception.ExceptionAddress);
        record.causes.store(1, std::memory_order_release);
        record_stack(record, exception.ExceptionAddress);
    }
    return next_filter != nullptr ? next_filter(why) : EXCEPTION_CONTINUE_SEARCH;
}

} // namespace

void watch_for_crashes(crash_record& record) noexcept {
    record_of_process = &record;
    ULONG for_filter = 64 * 1024; // what an overflow leaves of the stack; else it is a page or two
    ::SetThreadStackGuarantee(&for_filter);
    next_filter = ::SetUnhandledExceptionFilter(write_record);
}

const void* loaded_place(std::string_view module, std::uint64_t offset) noexcept {
    try {
        const HMODULE loaded = ::GetModuleHandleW(module.empty() ? nullptr : to_wide(module).c_str());
        return loaded != nullptr ? reinterpret_cast<const char*>(loaded) + offset : nullptr;
    } catch (...) {
        return nullptr;
    }
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/crash_watch.hpp"

#include "os/windows/native.hpp"

#include <algorithm>
#include <atomic>
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
template <class Record>
std::uint32_t module_index(Record& record, HMODULE module) noexcept {
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

template <class Record>
void record_place(Record& record, std::uint32_t at, const void* where) noexcept {
    const HMODULE module = module_of(where);
    const auto index = module != nullptr ? module_index(record, module) : crash_record::no_module;
    const auto address = reinterpret_cast<std::uint64_t>(where);
    record.stack[at] = {index != crash_record::no_module ? address - reinterpret_cast<std::uint64_t>(module)
                                                         : address,
                        index};
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
    for (; first != end && found != crash_record::max_places; ++first, ++found)
        record_place(record, found, *first);
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

namespace {

struct stack_requests {
    stack_record* records = nullptr;
    std::size_t count = 0;
    void (*answered)(std::size_t) = nullptr;
    /// The one that runs tasks; never closed. Null: there is none, or the members above are not yet set.
    std::atomic<HANDLE> thread{nullptr};
};
stack_requests requests;

/// The next instruction of the thread; null if the system does not tell. The thread may hold any lock while it is
/// suspended, also one that walking its stack or finding its module needs. So nothing else is done meanwhile.
const void* place_of_thread(HANDLE thread) noexcept {
    if (::SuspendThread(thread) == static_cast<DWORD>(-1))
        return nullptr;
    CONTEXT context{};
    context.ContextFlags = CONTEXT_CONTROL;
    const bool known = ::GetThreadContext(thread, &context) != 0; // waits until it is suspended
    ::ResumeThread(thread);
#if defined(_M_ARM64) || defined(__aarch64__)
    return known ? reinterpret_cast<const void*>(context.Pc) : nullptr;
#else
    return known ? reinterpret_cast<const void*>(context.Rip) : nullptr;
#endif
}

} // namespace

void watch_for_stack_requests(stack_record* records, std::size_t count,
                              void (*answered)(std::size_t)) noexcept {
    requests.records = records;
    requests.count = count;
    requests.answered = answered;
    const HANDLE self = ::GetCurrentProcess();
    HANDLE own_thread = nullptr;
    if (::DuplicateHandle(self, ::GetCurrentThread(), self, &own_thread,
                          THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, 0) != 0)
        requests.thread.store(own_thread, std::memory_order_release);
}

void request_stack(std::size_t which, std::uint64_t number) noexcept {
    const HANDLE thread = requests.thread.load(std::memory_order_acquire);
    if (thread == nullptr || which >= requests.count)
        return;
    const void* const place = place_of_thread(thread);
    if (place == nullptr)
        return;
    auto& record = requests.records[which];
    record.answers.store(0, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release); // a reader of what follows sees the 0
    record.module_count = 0;
    record_place(record, 0, place);
    record.places.store(1, std::memory_order_release);
    record.answers.store(number, std::memory_order_release);
    requests.answered(which);
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

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_NATIVE_API_HPP
#define PROCPOOL_OS_WINDOWS_NATIVE_API_HPP

#include <cstdint>

#include <windows.h>

#include <winternl.h>

// Functions of ntdll that the Windows API does not offer. All of them have been the same since Windows NT.
namespace procpool::os {

struct event_basic_information {
    std::int32_t type; // 0: stays set until it is reset; 1: one wait resets it
    std::int32_t state;
};

struct section_basic_information {
    void* base;
    std::uint32_t attributes;
    LARGE_INTEGER size;
};

} // namespace procpool::os

extern "C" {
/// With class 0, an `event_basic_information`.
NTSTATUS NTAPI NtQueryEvent(HANDLE event, int information_class, void* to, ULONG bytes, ULONG* needed);
/// Unlike ResetEvent, returns whether the event was set.
NTSTATUS NTAPI NtResetEvent(HANDLE event, LONG* was_set);
/// With class 0, a `section_basic_information`.
NTSTATUS NTAPI NtQuerySection(HANDLE section, int information_class, void* to, SIZE_T bytes, SIZE_T* needed);
}

#endif

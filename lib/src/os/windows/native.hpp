// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_NATIVE_HPP
#define PROCPOOL_OS_WINDOWS_NATIVE_HPP

#include "os/handles.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

namespace procpool::os {

/// The exit code of a worker that its parent killed: the letters "PPK", marked as an application error, which
/// no program uses by chance.
inline constexpr std::uint32_t killed_by_parent = 0xE050504B;

// Handles that children inherit only on request, and names that cannot be guessed.

/// Throws `boost::system::system_error` with the last error of this thread.
[[noreturn]] void throw_last_error(const std::string& what);

/// Owns the result of a system call.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not a handle.
unique_handle own_handle(native_handle handle, const std::string& what);

/// Takes over an inherited handle, and prevents processes that this one starts from inheriting it too.
///
/// Errors: throws `boost::system::system_error` with `what` if it is not open.
unique_handle adopt_handle(unique_handle inherited, const std::string& what);

/// Duplicates a handle.
///
/// Errors: throws `boost::system::system_error` with `what`.
unique_handle duplicate(native_handle handle, bool for_children, const std::string& what);

/// Errors: throws `boost::system::system_error`.
std::uint64_t random_number();

/// "procpool-" and 32 random hexadecimal digits.
///
/// Errors: throws `boost::system::system_error`.
std::wstring random_name();

struct pipe_ends {
    unique_handle parent_end;
    unique_handle worker_end;
};

/// A pipe of bytes that no other process has a part of. The parent's end is overlapped.
///
/// `parent_may`: the access of the parent's end (PIPE_ACCESS_...); `worker_may`, `worker_flags`: those of the worker's
/// end; `capacity`: bytes. Errors: throws `boost::system::system_error`, whose text begins with `what`.
pipe_ends make_pipe(unsigned long parent_may, unsigned long worker_may, unsigned long worker_flags,
                    unsigned long capacity, const std::string& what);

// Conversion between UTF-8, which the library uses, and UTF-16, which the system uses.

/// Invalid UTF-8 or UTF-16 becomes a replacement character.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view text);

/// The whole path of this program's file.
std::wstring program_path();

// Deadlines in the system's form.

/// Rounded up, so that the wait does not end before the deadline. The system's maximum limits the wait, and
/// the caller waits again.
inline DWORD milliseconds_left(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    if (!deadline)
        return INFINITE;
    const auto now = std::chrono::steady_clock::now();
    if (*deadline <= now) // compared before it is subtracted: the smallest time point less now would overflow
        return 0;
    constexpr std::chrono::milliseconds longest{INFINITE - 1};
    const auto left = *deadline - now;
    return static_cast<DWORD>(left >= longest ? longest.count()
                                              : std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

inline bool is_past(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    return deadline && *deadline <= std::chrono::steady_clock::now();
}

} // namespace procpool::os

#endif

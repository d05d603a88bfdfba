// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/native.hpp"

#include "os/system_failure.hpp"

#include <utility>

#include <bcrypt.h>
#include <windows.h>

namespace procpool::os {

void close_handle(native_handle handle) noexcept {
    if (handle != no_handle && handle != INVALID_HANDLE_VALUE) {
        const DWORD saved = ::GetLastError();
        ::CloseHandle(handle);
        ::SetLastError(saved);
    }
}

handle_target target_of(native_handle) noexcept {
    return {};
}

void throw_last_error(const std::string& what) {
    throw_system_failure(static_cast<int>(::GetLastError()), what);
}

unique_handle own_handle(native_handle handle, const std::string& what) {
    if (handle == nullptr || handle == INVALID_HANDLE_VALUE)
        throw_last_error(what);
    return unique_handle(handle);
}

unique_handle adopt_handle(unique_handle inherited, const std::string& what) {
    if (::SetHandleInformation(inherited.get(), HANDLE_FLAG_INHERIT, 0) == 0) {
        const DWORD code = ::GetLastError();
        static_cast<void>(inherited.release()); // it is no handle: closing it would be an error in a debugger
        throw_system_failure(static_cast<int>(code), what);
    }
    return inherited;
}

unique_handle duplicate(native_handle handle, bool for_children, const std::string& what) {
    const HANDLE self = ::GetCurrentProcess();
    HANDLE copy = nullptr;
    if (::DuplicateHandle(self, handle, self, &copy, 0, for_children ? TRUE : FALSE, DUPLICATE_SAME_ACCESS) ==
        0)
        throw_last_error(what);
    return unique_handle(copy);
}

std::uint64_t random_number() {
    std::uint64_t number = 0;
    const NTSTATUS status = ::BCryptGenRandom(nullptr, reinterpret_cast<PUCHAR>(&number), sizeof number,
                                              BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    if (status < 0)
        throw_system_failure(ERROR_GEN_FAILURE, "cannot get a random number (BCryptGenRandom)");
    return number;
}

std::wstring random_name() {
    std::wstring name = L"procpool-";
    for (std::uint64_t part : {random_number(), random_number()}) {
        for (int digit = 0; digit < 16; ++digit, part >>= 4)
            name += L"0123456789abcdef"[part & 15];
    }
    return name;
}

// The worker's end is opened at once, and no other one is let in. A process that watches the names of all pipes may
// open it first: then a pipe with another name is made.
pipe_ends make_pipe(unsigned long parent_may, unsigned long worker_may, unsigned long worker_flags,
                    unsigned long capacity, const std::string& what) {
    for (int further_tries = 9;; --further_tries) {
        const std::wstring name = L"\\\\.\\pipe\\" + random_name();
        pipe_ends ends;
        ends.parent_end =
            own_handle(::CreateNamedPipeW(name.c_str(),
                                          parent_may | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                          PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1,
                                          capacity, capacity, 0, nullptr),
                       what + " (CreateNamedPipe)");
        const HANDLE opened =
            ::CreateFileW(name.c_str(), worker_may, 0, nullptr, OPEN_EXISTING, worker_flags, nullptr);
        if (opened == INVALID_HANDLE_VALUE && ::GetLastError() == ERROR_PIPE_BUSY && further_tries != 0)
            continue;
        ends.worker_end = own_handle(opened, what + ": the worker's end cannot be opened (CreateFile)");
        return ends;
    }
}

std::wstring to_wide(std::string_view text) {
    if (text.empty())
        return {};
    const int bytes = static_cast<int>(text.size());
    std::wstring wide(
        static_cast<std::size_t>(::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, nullptr, 0)), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, wide.data(), static_cast<int>(wide.size()));
    return wide;
}

std::string to_utf8(std::wstring_view text) {
    if (text.empty())
        return {};
    const int units = static_cast<int>(text.size());
    std::string narrow(static_cast<std::size_t>(::WideCharToMultiByte(CP_UTF8, 0, text.data(), units, nullptr,
                                                                      0, nullptr, nullptr)),
                       '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text.data(), units, narrow.data(), static_cast<int>(narrow.size()),
                          nullptr, nullptr);
    return narrow;
}

std::wstring program_path() {
    std::wstring path(MAX_PATH, L'\0');
    for (;;) {
        const DWORD length = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
        if (length < path.size()) {
            path.resize(length);
            return path;
        }
        path.resize(path.size() * 2);
    }
}

} // namespace procpool::os

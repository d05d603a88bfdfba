// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/handles.hpp"

#include "os/system_failure.hpp"

#include <utility>

#include <windows.h>

#include <bcrypt.h>

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

} // namespace procpool::os

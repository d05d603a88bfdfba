// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"

#include "os/system_failure.hpp"
#include "os/windows/native.hpp"
#include "os/windows/start_note.hpp"

#include <algorithm>
#include <string>

#include <windows.h>

namespace procpool::os {

namespace {

/// An error code, or 0.
DWORD write_all(HANDLE file, std::span<const std::byte> bytes) noexcept {
    constexpr std::size_t most = 1 << 30;
    while (!bytes.empty()) {
        DWORD written = 0;
        if (::WriteFile(file, bytes.data(), static_cast<DWORD>(std::min(bytes.size(), most)), &written,
                        nullptr) == 0)
            return ::GetLastError();
        if (written == 0)
            return ERROR_WRITE_FAULT;
        bytes = bytes.subspan(written);
    }
    return 0;
}

} // namespace

bool write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const HANDLE created =
        ::CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (created == INVALID_HANDLE_VALUE) {
        const auto why = ::GetLastError();
        if (why == ERROR_FILE_EXISTS || why == ERROR_ALREADY_EXISTS)
            return false;
        throw_system_failure(static_cast<int>(why), "create \"" + to_utf8(path.native()) + '"');
    }
    unique_handle file(created);
    const auto why = write_all(file.get(), bytes);
    file.reset();
    if (why == 0)
        return true;
    ::DeleteFileW(path.c_str());
    throw_system_failure(static_cast<int>(why), "write \"" + to_utf8(path.native()) + '"');
}

unique_handle inherited_handle(std::size_t position) noexcept {
    const start_note& note = own_start_note();
    if (position >= note.handles.size() ||
        ::SetHandleInformation(note.handles[position], HANDLE_FLAG_INHERIT, 0) == 0)
        return {};
    return unique_handle(note.handles[position]);
}

std::uint64_t handle_identity(native_handle) noexcept {
    return 1;
}

std::uint64_t inherited_identity(std::size_t) noexcept {
    return 1;
}

bool inherited_peer_is_gone(std::size_t) noexcept {
    return false;
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/output_file.hpp"

#include "os/system_failure.hpp"
#include "os/windows/native.hpp"

#include <algorithm>
#include <string>

#include <windows.h>

namespace procpool::os {

output_file::output_file(const std::filesystem::path& path) {
    const auto name = to_utf8(path.native());
    // Others may read the file meanwhile, and delete it; a second writer is refused.
    const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                      nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        const auto why = ::GetLastError();
        throw_system_failure(static_cast<int>(why), why == ERROR_SHARING_VIOLATION
                                                        ? name + " is being written"
                                                        : "cannot open " + name);
    }
    handle_.reset(file);
    if (::GetFileType(file) != FILE_TYPE_DISK)
        throw_system_failure(ERROR_SEEK_ON_DEVICE, name + " is not a regular file");
    if (::SetEndOfFile(file) == 0) // at the beginning
        throw_last_error("cannot empty " + name);
}

output_file::~output_file() = default;

void output_file::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        OVERLAPPED where{};
        where.Offset = static_cast<DWORD>(offset);
        where.OffsetHigh = static_cast<DWORD>(offset >> 32);
        const auto most = static_cast<DWORD>(std::min<std::size_t>(bytes.size(), 1U << 30));
        DWORD written = 0;
        if (::WriteFile(handle_.get(), bytes.data(), most, &written, &where) == 0)
            throw_last_error("cannot write");
        if (written == 0)
            throw_system_failure(ERROR_DISK_FULL, "cannot write");
        offset += written;
        bytes.remove_prefix(written);
    }
}

void output_file::cut(std::uint64_t size) noexcept {
    LARGE_INTEGER to;
    to.QuadPart = static_cast<LONGLONG>(size);
    if (::SetFilePointerEx(handle_.get(), to, nullptr, FILE_BEGIN) != 0)
        ::SetEndOfFile(handle_.get());
}

} // namespace procpool::os

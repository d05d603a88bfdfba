// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/inherited_handle.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace procpool::os {

namespace {

int descriptor_at(std::size_t position) noexcept {
    return static_cast<int>(position) + 3; // where start_worker puts it
}

} // namespace

unique_handle inherited_handle(std::size_t position) noexcept {
    const int descriptor = descriptor_at(position);
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1)
        return {};
    return unique_handle(descriptor);
}

std::uint64_t handle_identity(native_handle handle) noexcept {
    struct stat facts {};
    if (::fstat(handle, &facts) == -1)
        return 0;
    // The number is one of the file system's, here mostly that of sockets.
    return static_cast<std::uint64_t>(facts.st_ino) * 0x9e37'79b9'7f4a'7c15 + facts.st_dev + 1;
}

std::uint64_t inherited_identity(std::size_t position) noexcept {
    return handle_identity(descriptor_at(position));
}

} // namespace procpool::os

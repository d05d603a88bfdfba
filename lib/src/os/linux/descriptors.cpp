// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/descriptors.hpp"

#include "os/system_failure.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

[[noreturn]] void fail(int code, std::string_view what) {
    throw_system_failure(code, std::string(what));
}

} // namespace

void close_handle(native_handle handle) noexcept {
    if (handle != no_handle) {
        const int saved = errno;
        ::close(handle); // not repeated on EINTR: Linux has released the number already
        errno = saved;
    }
}

handle_target target_of(native_handle handle) noexcept {
    const int saved = errno;
    struct stat about {};
    const bool open = ::fstat(handle, &about) == 0;
    errno = saved;
    if (!open)
        return {};
    return {about.st_dev, about.st_ino, about.st_mode & S_IFMT};
}

unique_handle open_file(int folder, const char* path, int flags, unsigned mode) noexcept {
    int opened = -1;
    do {
        opened = ::openat(folder, path, flags | O_CLOEXEC, mode);
    } while (opened == -1 && errno == EINTR);
    return unique_handle(opened);
}

unique_handle duplicate(int descriptor, std::string_view what) {
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (copy == -1)
        fail(errno, what);
    return unique_handle(copy);
}

unique_handle own_descriptor(int descriptor, std::string_view what) {
    if (descriptor == -1)
        fail(errno, what);
    unique_handle owned(descriptor);
    if (descriptor > STDERR_FILENO)
        return owned;
    return duplicate(descriptor, what);
}

unique_handle adopt_descriptor(unique_handle inherited, std::string_view what) {
    if (::fcntl(inherited.get(), F_SETFD, FD_CLOEXEC) == -1)
        fail(errno, what);
    return inherited;
}

} // namespace procpool::os

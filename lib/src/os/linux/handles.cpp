// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"

#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

int descriptor_at(std::size_t position) noexcept {
    return static_cast<int>(position) + 3; // where start_worker puts it
}

/// Lowest number for the library's own use: programs such as shells and scripts open files with lower numbers
/// that they choose. Below 1024, since the kernel's table has an entry for each lower number.
int first_out_of_the_way() noexcept {
    constexpr rlim_t most = 1024;
    constexpr rlim_t room = 64;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == -1)
        limit.rlim_cur = most;
    const auto end = std::min(limit.rlim_cur, most);
    return static_cast<int>(end > 2 * room ? end - room : end / 2);
}

/// An error number, or 0.
int write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
    // A write beyond the limit on file sizes ends the process by a signal, unless it is ignored.
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        bytes.size() > limit.rlim_cur)
        return EFBIG;
    constexpr std::size_t most = 1 << 30; // the kernel takes no more at once
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), std::min(bytes.size(), most));
        if (written > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        else if (written == 0)
            return EIO;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

} // namespace

bool write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    unique_handle file;
    for (;;) {
        file.reset(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR));
        if (file)
            break;
        const int why = errno;
        if (why == EEXIST)
            return false;
        if (why != EINTR)
            throw_system_failure(why, "create \"" + path.string() + '"');
    }
    int why = write_all(file.get(), bytes);
    // Some file systems report a full disk only when the file is closed.
    if (::close(file.release()) == -1 && why == 0 && errno != EINTR)
        why = errno;
    if (why == 0)
        return true;
    ::unlink(path.c_str());
    throw_system_failure(why, "write \"" + path.string() + '"');
}

unique_handle inherited_handle(std::size_t position) noexcept {
    unique_handle low(descriptor_at(position));
    const int high = ::fcntl(low.get(), F_DUPFD_CLOEXEC, first_out_of_the_way());
    if (high != -1)
        return unique_handle(high);
    if (::fcntl(low.get(), F_SETFD, FD_CLOEXEC) == -1)
        static_cast<void>(low.release()); // not an open descriptor
    return low;
}

std::uint64_t handle_identity(native_handle handle) noexcept {
    struct stat facts {};
    if (::fstat(handle, &facts) == -1)
        return 0;
    // An inode number is unique only in its file system, so the device is included.
    return static_cast<std::uint64_t>(facts.st_ino) * 0x9e37'79b9'7f4a'7c15 + facts.st_dev + 1;
}

std::uint64_t inherited_identity(std::size_t position) noexcept {
    return handle_identity(descriptor_at(position));
}

bool inherited_peer_is_gone(std::size_t position) noexcept {
    pollfd end{descriptor_at(position), 0, 0};
    return ::poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0;
}

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/output_file.hpp"

#include "os/linux/descriptors.hpp"
#include "os/system_failure.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

/// Claims the file for this object. File systems that know no locks are written without one.
bool claim_file(int file) noexcept {
    int result = -1;
    do {
        result = ::flock(file, LOCK_EX | LOCK_NB);
    } while (result == -1 && errno == EINTR);
    return result == 0 || errno != EWOULDBLOCK;
}

bool cut_file(int file, std::uint64_t size) noexcept {
    int result = -1;
    do {
        result = ::ftruncate(file, static_cast<off_t>(size));
    } while (result == -1 && errno == EINTR);
    return result == 0;
}

} // namespace

output_file::output_file(const std::filesystem::path& path) {
    const auto name = path.string();
    // Not O_TRUNC: the file may belong to another output_file. A FIFO would block without O_NONBLOCK.
    const int flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY;
    handle_ = own_descriptor(open_file(AT_FDCWD, name.c_str(), flags, 0666).release(), "cannot open " + name);
    struct stat about {};
    if (::fstat(handle_.get(), &about) == -1)
        throw_system_failure(errno, "cannot open " + name);
    if (!S_ISREG(about.st_mode))
        throw_system_failure(ESPIPE, name + " is not a regular file");
    if (!claim_file(handle_.get()))
        throw_system_failure(EBUSY, name + " is being written");
    if (!cut_file(handle_.get(), 0))
        throw_system_failure(errno, "cannot empty " + name);
}

output_file::~output_file() {
    // A copy of this process may have the descriptor, too, and must not keep the claim.
    if (handle_)
        ::flock(handle_.get(), LOCK_UN);
}

void output_file::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::pwrite(handle_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written == -1 && errno == EINTR)
            continue;
        if (written <= 0)
            throw_system_failure(written == 0 ? ENOSPC : errno, "cannot write");
        offset += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void output_file::cut(std::uint64_t size) noexcept {
    cut_file(handle_.get(), size);
}

} // namespace procpool::os

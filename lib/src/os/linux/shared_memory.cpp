// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/shared_memory.hpp"

#include "os/linux/descriptors.hpp"
#include "os/page_range.hpp"
#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {

namespace {

constexpr std::uint64_t max_file_bytes = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

/// A limit on the size of files is one on such memory too, and passing it is a SIGXFSZ.
std::uint64_t permitted_bytes() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == -1)
        return max_file_bytes;
    return std::min<std::uint64_t>(limit.rlim_cur, max_file_bytes);
}

// A signal makes fallocate undo what it did. In ever smaller pieces, a host with a profiling timer still gets
// on; for the smallest, signals wait, so that this ends however often they come.
constexpr std::uint64_t smallest_piece = std::uint64_t{1} << 20;

unique_handle open_anonymous_file() {
    const int memory = ::memfd_create("procpool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Old sandboxes forbid the call, which they report as one of these two.
    if (memory != -1 || (errno != ENOSYS && errno != EPERM))
        return own_descriptor(memory, "cannot create shared memory (memfd_create)");
    unique_handle file = open_file(AT_FDCWD, "/dev/shm", O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
    if (!file)
        file = open_file(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
    return own_descriptor(file.release(), "cannot create shared memory (an unnamed file in /dev/shm or /tmp)");
}

} // namespace

shared_memory::shared_memory(unique_handle handle, std::uint64_t size) noexcept
    : handle_(std::move(handle))
    , target_(target_of(handle_.get()))
    , size_(size) {}

shared_memory shared_memory::create(std::uint64_t bytes) {
    if (bytes == 0)
        throw std::invalid_argument("procpool: shared memory of 0 bytes");
    const std::string what = "cannot reserve " + std::to_string(bytes) + " bytes of shared memory";
    if (bytes > permitted_bytes())
        throw_system_failure(EFBIG, what);
    unique_handle handle = open_anonymous_file();
    while (::ftruncate(handle.get(), static_cast<off_t>(bytes)) == -1)
        if (errno != EINTR)
            throw_system_failure(errno, what);
    // A worker that went astray must not cut the memory away under its parent, which would be a SIGBUS there.
    // Files in /tmp have no seals, and the memory works without.
    ::fcntl(handle.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return shared_memory(std::move(handle), bytes);
}

shared_memory shared_memory::adopt(unique_handle handle) {
    handle = adopt_descriptor(std::move(handle), "cannot use the inherited shared memory");
    struct stat status {};
    if (::fstat(handle.get(), &status) == -1)
        throw_system_failure(errno, "cannot use the inherited shared memory");
    if (!S_ISREG(status.st_mode) || status.st_size <= 0)
        throw_system_failure(EINVAL, "cannot use the inherited shared memory: it is none");
    return shared_memory(std::move(handle), static_cast<std::uint64_t>(status.st_size));
}

unique_handle read_only(unique_handle handle) noexcept {
    char itself[32];
    std::snprintf(itself, sizeof itself, "/proc/self/fd/%d", handle.get());
    unique_handle reading = open_file(AT_FDCWD, itself, O_RDONLY);
    // What /proc says is not believed: it may be that of another namespace.
    const bool same = reading && target_of(reading.get()) == target_of(handle.get());
    return same ? std::move(reading) : std::move(handle);
}

boost::interprocess::mapping_handle_t shared_memory::get_mapping_handle() const noexcept {
    return {handle_.get(), false};
}

namespace {

/// Signals wait as long as this lives, so that a call that they would interrupt comes to an end.
class signals_wait {
  public:
    signals_wait() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_wait(const signals_wait&) = delete;
    signals_wait& operator=(const signals_wait&) = delete;
    ~signals_wait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

/// The error, or 0.
int allocate_pages(int file, std::uint64_t offset, std::uint64_t bytes) noexcept {
    return ::fallocate(file, 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0 ? 0 : errno;
}
int allocate_pages_undisturbed(int file, std::uint64_t offset, std::uint64_t bytes) noexcept {
    const signals_wait during;
    return allocate_pages(file, offset, bytes);
}

} // namespace

void ensure_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) {
    if (offset > memory.size() || bytes > memory.size() - offset)
        throw std::out_of_range("procpool: bytes outside the shared memory");
    if (bytes != 0 && !memory.is_open())
        throw_system_failure(EBADF, "the descriptor of shared memory was closed by the program");
    std::uint64_t piece = bytes;
    bool undisturbed = false;
    while (bytes > 0) {
        piece = std::min(bytes, piece);
        const int code = undisturbed ? allocate_pages_undisturbed(memory.handle(), offset, piece)
                                     : allocate_pages(memory.handle(), offset, piece);
        if (code == 0) {
            offset += piece;
            bytes -= piece;
        } else if (code == EINTR) {
            undisturbed = piece <= smallest_piece;
            piece = std::max(piece / 2, smallest_piece);
        } else {
            throw_system_failure(code, "cannot get " + std::to_string(bytes) + " bytes of shared memory");
        }
    }
}

void release_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) noexcept {
    const page_range pages = whole_pages(offset, bytes, page_size());
    if (pages.bytes == 0 || pages.offset > max_file_bytes || pages.bytes > max_file_bytes ||
        !memory.is_open())
        return;
    ::fallocate(memory.handle(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(pages.offset),
                static_cast<off_t>(pages.bytes));
}

void exclude_from_core_dump(const boost::interprocess::mapped_region& region) noexcept {
    if (region.get_size() > 0)
        ::madvise(region.get_address(), region.get_size(), MADV_DONTDUMP);
}

std::size_t page_size() noexcept {
    static const std::size_t size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

} // namespace procpool::os

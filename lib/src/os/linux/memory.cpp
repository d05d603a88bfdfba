// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/memory.hpp"

#include "os/linux/descriptors.hpp"
#include "os/page_range.hpp"
#include "os/self.hpp"
#include "os/system_failure.hpp"

#include <boost/interprocess/creation_tags.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/xsi_shared_memory.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {

namespace {

constexpr std::uint64_t max_file_bytes = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

/// The limit on the size of files also applies to such memory; exceeding it causes a SIGXFSZ.
std::uint64_t permitted_bytes() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) == -1)
        return max_file_bytes;
    return std::min<std::uint64_t>(limit.rlim_cur, max_file_bytes);
}

// A signal makes fallocate undo its work. The pages are therefore allocated in ever smaller pieces, which
// makes progress even in a host with a profiling timer. For the smallest pieces, signals are blocked, so that
// the allocation ends no matter how often they come.
constexpr std::uint64_t smallest_piece = std::uint64_t{1} << 20;

unique_handle open_anonymous_file() {
    const int memory = ::memfd_create("procpool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Old sandboxes forbid memfd_create, with one of these two errors.
    if (memory != -1 || (errno != ENOSYS && errno != EPERM))
        return own_descriptor(memory, "cannot create shared memory (memfd_create)");
    unique_handle file = open_file(AT_FDCWD, "/dev/shm", O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
    if (!file)
        file = open_file(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
    return own_descriptor(file.release(),
                          "cannot create shared memory (an unnamed file in /dev/shm or /tmp)");
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
    // A worker with a stray write must not be able to shrink the memory, which would cause a SIGBUS in the
    // parent. Files in /tmp have no seals, and the memory works without them.
    ::fcntl(handle.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return shared_memory(std::move(handle), bytes);
}

std::optional<shared_memory> shared_memory::create_shown(std::uint64_t bytes) {
    const int memory = ::memfd_create("procpool-status", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory == -1 && (errno == ENOSYS || errno == EPERM)) // an old sandbox
        return std::nullopt;
    constexpr const char* what = "cannot create memory for procpool-top";
    unique_handle handle = own_descriptor(memory, what);
    if (bytes > permitted_bytes())
        throw_system_failure(EFBIG, what);
    while (::ftruncate(handle.get(), static_cast<off_t>(bytes)) == -1)
        if (errno != EINTR)
            throw_system_failure(errno, what);
    return shared_memory(std::move(handle), bytes);
}

void shared_memory::seal() const noexcept {
    ::fchmod(handle_.get(), S_IRUSR | S_IRGRP | S_IROTH);
    // Two calls: before Linux 5.1 there is no F_SEAL_FUTURE_WRITE, and a call with it does nothing.
    ::fcntl(handle_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    ::fcntl(handle_.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL);
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
    // The opened file is compared, since /proc may belong to another namespace.
    const bool same = reading && target_of(reading.get()) == target_of(handle.get());
    return same ? std::move(reading) : std::move(handle);
}

boost::interprocess::mapping_handle_t shared_memory::get_mapping_handle() const noexcept {
    return {handle_.get(), false};
}

namespace {

/// Blocks signals while it exists, so that a system call is not interrupted by them.
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

/// Returns 0 or the error.
int allocate_pages(int file, std::uint64_t offset, std::uint64_t bytes) noexcept {
    return ::fallocate(file, 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0 ? 0 : errno;
}
int allocate_pages_undisturbed(int file, std::uint64_t offset, std::uint64_t bytes) noexcept {
    const signals_wait during;
    return allocate_pages(file, offset, bytes);
}

} // namespace

std::uint64_t reservable_memory() noexcept {
    return std::numeric_limits<std::uint64_t>::max();
}

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

namespace ipc = boost::interprocess;

namespace {

/// The beginning of a segment.
struct alignas(shared_segment::alignment) segment_header {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
};
static_assert(sizeof(segment_header) == shared_segment::alignment);

std::uint64_t random_key() {
    std::uint64_t key = 0;
    if (::getrandom(&key, sizeof key, 0) != sizeof key) // up to 256 bytes are read without interruption
        throw_system_failure(errno, "cannot get a random number (getrandom)");
    return key;
}

/// Removes a segment. It lives as long as a process has it attached; Linux lets others attach it even then.
class removal {
  public:
    explicit removal(int id) noexcept : id_(id) {}
    removal(const removal&) = delete;
    removal& operator=(const removal&) = delete;
    ~removal() { ipc::xsi_shared_memory::remove(id_); }

  private:
    int id_;
};

ipc::mapped_region attach_and_remove(int id, std::size_t bytes) {
    const removal whatever_happens(id);
    try {
        return {ipc::xsi_shared_memory(ipc::open_only, id), ipc::read_write, 0, bytes};
    } catch (const ipc::interprocess_exception& why) {
        if (why.get_native_error() == ENOMEM)
            throw std::bad_alloc();
        throw_system_failure(why.get_native_error(), "cannot attach shared memory (shmat)");
    }
}

/// Requires: the segment is attached; otherwise its id may be reused after this check.
bool has_size(int id, std::size_t bytes) noexcept {
    ::shmid_ds status{};
    return ::shmctl(id, IPC_STAT, &status) == 0 && status.shm_segsz == bytes;
}

} // namespace

shared_segment::shared_segment(ipc::mapped_region region, const segment_ticket& ticket) noexcept
    : region_(std::move(region))
    , ticket_(ticket) {
    exclude_from_core_dump(region_);
}

std::byte* shared_segment::data() const noexcept {
    return static_cast<std::byte*>(region_.get_address()) + sizeof(segment_header);
}

shared_segment shared_segment::create(std::uint64_t bytes) {
    if (bytes > std::numeric_limits<std::size_t>::max() - sizeof(segment_header))
        throw std::bad_alloc();
    const auto whole = static_cast<std::size_t>(bytes) + sizeof(segment_header);
    const segment_header header{random_key(), bytes};
    const int id = ::shmget(IPC_PRIVATE, whole, IPC_CREAT | 0600);
    if (id == -1) {
        const int code = errno;
        if (code == ENOMEM || code == EINVAL) // EINVAL: larger than the system permits for a segment
            throw std::bad_alloc();
        throw_system_failure(code, "cannot create " + std::to_string(bytes) +
                                       " bytes of shared memory; the system's limits for it are "
                                       "/proc/sys/kernel/shmmni segments and shmall pages");
    }
    shared_segment made(attach_and_remove(id, whole), {static_cast<std::uint64_t>(id), header.key, bytes});
    std::memcpy(made.region_.get_address(), &header, sizeof header);
    return made;
}

std::optional<shared_segment> shared_segment::attach(const segment_ticket& ticket) {
    if (ticket.id > static_cast<std::uint64_t>(std::numeric_limits<int>::max()) ||
        ticket.bytes > std::numeric_limits<std::size_t>::max() - sizeof(segment_header))
        return std::nullopt;
    const auto id = static_cast<int>(ticket.id);
    const auto whole = static_cast<std::size_t>(ticket.bytes) + sizeof(segment_header);
    ipc::mapped_region region;
    try {
        region = ipc::mapped_region(ipc::xsi_shared_memory(ipc::open_only, id), ipc::read_write, 0, whole);
    } catch (const ipc::interprocess_exception& why) {
        const int code = why.get_native_error();
        if (why.get_error_code() == ipc::size_error || code == EINVAL || code == EIDRM || code == EACCES)
            return std::nullopt; // the id belongs to another segment, or to none
        if (code == ENOMEM)
            throw std::bad_alloc();
        throw_system_failure(code, "cannot attach shared memory (shmat)");
    }
    if (!has_size(id, whole))
        return std::nullopt;
    segment_header header;
    std::memcpy(&header, region.get_address(), sizeof header);
    if (header.key != ticket.key || header.bytes != ticket.bytes)
        return std::nullopt;
    return shared_segment(std::move(region), ticket);
}

namespace {

/// After mlockall(MCL_FUTURE), a new mapping is locked: all of its pages would be allocated at once and
/// counted towards the limit. So first one page is mapped without access rights, for which no memory is
/// allocated; then the mapping is unlocked and extended.
void* map_unlocked(int memory, std::uint64_t offset, std::size_t bytes) noexcept {
    const auto first = std::min(bytes, page_size());
    void* const start = ::mmap(nullptr, first, PROT_NONE, MAP_SHARED, memory, static_cast<off_t>(offset));
    if (start == MAP_FAILED)
        return start;
    ::munlock(start, first);
    void* const whole = bytes == first ? start : ::mremap(start, first, bytes, MREMAP_MAYMOVE);
    if (whole == MAP_FAILED) {
        const int code = errno;
        ::munmap(start, first);
        errno = code;
    }
    return whole;
}

/// The text is made only here, so that no allocation can fail between the mapping and the creation of its
/// owner.
[[noreturn]] void fail_to_map(int code, std::uint64_t bytes) {
    throw_system_failure(code, "cannot map " + std::to_string(bytes) + " bytes of shared memory");
}

} // namespace

sparse_mapping::sparse_mapping(const shared_memory& memory, access how, std::uint64_t offset,
                               std::uint64_t bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    void* const at = map_unlocked(memory.handle(), offset, size);
    if (at == MAP_FAILED)
        fail_to_map(errno, bytes);
    data_ = static_cast<std::byte*>(at);
    size_ = size;
    if (::mprotect(at, size, how == access::read_write ? PROT_READ | PROT_WRITE : PROT_READ) == -1) {
        const int code = errno;
        ::munmap(at, size);
        fail_to_map(code, bytes);
    }
    ::madvise(at, size, MADV_DONTDUMP);
}

sparse_mapping::sparse_mapping(sparse_mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr))
    , size_(std::exchange(other.size_, 0)) {}

sparse_mapping::~sparse_mapping() {
    if (data_ != nullptr)
        ::munmap(data_, size_);
}

std::byte* sparse_mapping::data() const noexcept {
    return data_;
}

std::size_t sparse_mapping::size() const noexcept {
    return size_;
}

void sparse_mapping::exclude_from_copies() noexcept {
    ::madvise(data_, size_, MADV_DONTFORK);
}

namespace {

using mark = std::atomic<std::uint32_t>;
static_assert(mark::is_always_lock_free);

std::atomic<mark*> current{nullptr}; // of this process, or of the process that it was forked from
std::atomic<bool> is_watching{false};

/// Clears the mark in a forked copy, for kernels and emulators that ignore MADV_WIPEONFORK.
void clear_in_copies() {
    if (is_watching.exchange(true))
        return;
    try {
        call_in_forked_copies([] {
            if (auto* const inherited = current.load(std::memory_order_relaxed))
                inherited->store(0, std::memory_order_relaxed);
        });
    } catch (...) {
        is_watching = false;
        throw;
    }
}

mark* make_mark() {
    void* const page =
        ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        throw_system_failure(errno, "cannot get a page of memory");
    ::madvise(page, page_size(), MADV_WIPEONFORK); // a forked copy reads zeros
    return new (page) mark(1);
}

} // namespace

const std::atomic<std::uint32_t>& process_mark() {
    clear_in_copies();
    auto* seen = current.load(std::memory_order_acquire);
    while (seen == nullptr || seen->load(std::memory_order_relaxed) == 0) {
        auto* const made = make_mark();
        if (current.compare_exchange_strong(seen, made, std::memory_order_acq_rel))
            return *made;
        ::munmap(made, page_size());
    }
    return *seen;
}

} // namespace procpool::os

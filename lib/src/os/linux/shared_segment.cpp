// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/shared_segment.hpp"

#include "os/shared_memory.hpp"
#include "os/system_failure.hpp"

#include <boost/interprocess/creation_tags.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/xsi_shared_memory.hpp>

#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include <sys/random.h>
#include <sys/shm.h>

namespace procpool::os {

namespace ipc = boost::interprocess;

namespace {

/// What a segment begins with.
struct alignas(shared_segment::alignment) segment_header {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
};
static_assert(sizeof(segment_header) == shared_segment::alignment);

std::uint64_t random_key() {
    std::uint64_t key = 0;
    if (::getrandom(&key, sizeof key, 0) != sizeof key) // so few bytes are never cut short by a signal
        throw_system_failure(errno, "cannot get a random number (getrandom)");
    return key;
}

/// With its removal, nobody but those who have a segment attached keep it alive. Linux lets others attach it
/// even then.
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

/// An id may have been given to another segment after its size was looked at, but not while that is attached.
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
        if (code == ENOMEM || code == EINVAL) // EINVAL: more than a segment may have
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
            return std::nullopt; // it is another segment, or none
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

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/sparse_mapping.hpp"

#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <sys/mman.h>

namespace procpool::os {
namespace {

/// After mlockall(MCL_FUTURE), a mapping is locked as it is made: all of its pages would be fetched at once,
/// and all counted. So one page is mapped, which may not be touched yet and so is not fetched, is unlocked,
/// and grows.
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

/// Text is made here and not before, so that a mapping never lies between its making and its owner.
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

} // namespace procpool::os

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SHARED_MEMORY_HPP
#define PROCPOOL_OS_SHARED_MEMORY_HPP

#include "os/native_handle.hpp"

#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <cstdint>

// Memory that two processes share by handle. It has no name, so nothing is left behind if processes are
// killed.
namespace procpool::os {

/// Anonymous shared memory; map it with `boost::interprocess::mapped_region`.
///
/// Its pages are sparse: they use no memory until they are touched, and read as zeros before. On Windows,
/// call `ensure_memory` before touching them. The size never changes.
class shared_memory {
  public:
    /// Errors: throws `boost::system::system_error`; `std::invalid_argument` for 0 bytes.
    static shared_memory create(std::uint64_t bytes);

    /// Takes over an inherited handle.
    ///
    /// Errors: throws `boost::system::system_error` if it does not refer to such a memory.
    static shared_memory adopt(unique_handle handle);

    // `mapped_region` requires only these two; a region may still be mapped read-only.
    boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept;
    boost::interprocess::mode_t get_mode() const noexcept { return boost::interprocess::read_write; }

    native_handle handle() const noexcept { return handle_.get(); }
    /// Whether the handle still refers to this memory.
    bool is_open() const noexcept { return target_of(handle_.get()) == target_; }
    std::uint64_t size() const noexcept { return size_; }

  private:
    shared_memory(unique_handle handle, std::uint64_t size) noexcept;

    unique_handle handle_;
    handle_target target_; // protects files of a program that closes descriptors of the pool
    std::uint64_t size_ = 0;
};

/// The same memory by a handle that permits only reading, so that a process which maps it cannot make its
/// mapping writable later; the handle itself if the system does not provide such handles.
unique_handle read_only(unique_handle handle) noexcept;

/// Ensures that these bytes can be written: otherwise, on a full machine, touching a page causes a SIGBUS.
/// Existing bytes keep their values.
///
/// Errors:     throws `boost::system::system_error` (no space, no memory, not open any more),
///             `std::out_of_range` outside the memory.
/// Complexity: some system calls, none for 0 bytes.
void ensure_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes);

/// Gives the pages that lie completely in this range back to the system; later they read as zeros, on Windows
/// as zeros or unchanged. Bytes in partial pages at either end keep their values. A failure only wastes
/// memory and is not reported.
void release_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) noexcept;

/// Excludes the region from core dumps, which would otherwise contain all of it.
void exclude_from_core_dump(const boost::interprocess::mapped_region& region) noexcept;

/// Bytes of a page, a power of two.
std::size_t page_size() noexcept;

} // namespace procpool::os

#endif

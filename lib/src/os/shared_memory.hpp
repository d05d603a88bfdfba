// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SHARED_MEMORY_HPP
#define PROCPOOL_OS_SHARED_MEMORY_HPP

#include "os/native_handle.hpp"

#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <cstdint>

// Memory that two processes share by handle. It has no name, so nothing is left behind whoever is killed.
namespace procpool::os {

/// Anonymous shared memory; map it with `boost::interprocess::mapped_region`.
///
/// Its pages are sparse: they cost nothing until they are touched, and read as zeros before. On Windows, they
/// must have been asked for with `ensure_memory` before they are touched. The size never changes.
class shared_memory {
  public:
    /// Errors: throws `boost::system::system_error`; `std::invalid_argument` for 0 bytes.
    static shared_memory create(std::uint64_t bytes);

    /// Takes over a handle that was inherited.
    ///
    /// Errors: throws `boost::system::system_error` if it is no such memory.
    static shared_memory adopt(unique_handle handle);

    // These two are all that `mapped_region` asks for; a region may still be mapped read-only.
    boost::interprocess::mapping_handle_t get_mapping_handle() const noexcept;
    boost::interprocess::mode_t get_mode() const noexcept { return boost::interprocess::read_write; }

    native_handle handle() const noexcept { return handle_.get(); }
    /// Does the handle still stand for this memory?
    bool is_open() const noexcept { return target_of(handle_.get()) == target_; }
    std::uint64_t size() const noexcept { return size_; }

  private:
    shared_memory(unique_handle handle, std::uint64_t size) noexcept;

    unique_handle handle_;
    handle_target
        target_; // a program that closes what it has not opened must not lose pages of a file of its own
    std::uint64_t size_ = 0;
};

/// The same memory by a handle that permits no more than reading it, so that what maps it cannot make its
/// mapping writable later; the handle itself where the system gives out no such handle.
unique_handle read_only(unique_handle handle) noexcept;

/// Makes sure that these bytes can be written: without it, a full machine is a SIGBUS in whoever touches the
/// page. Bytes that are there already keep their values.
///
/// Errors:     throws `boost::system::system_error` (no space, no memory, not open any more),
///             `std::out_of_range` outside the memory.
/// Complexity: some system calls, none for 0 bytes.
void ensure_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes);

/// Gives the pages that lie wholly in this range back; they read as zeros after, on Windows as zeros or as
/// they were. The bytes of a page at either end that lies only partly in the range keep their values. Failure
/// costs memory only and is not reported.
void release_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) noexcept;

/// Leaves the region out of core dumps, which it would make as big as itself.
void exclude_from_core_dump(const boost::interprocess::mapped_region& region) noexcept;

/// Bytes of a page, a power of two.
std::size_t page_size() noexcept;

} // namespace procpool::os

#endif

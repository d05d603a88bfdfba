// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_MEMORY_HPP
#define PROCPOOL_OS_MEMORY_HPP

#include "os/handles.hpp"

#include <boost/interprocess/mapped_region.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

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

    /// Memory that other programs of the machine can find and read, but not write: on Linux, under
    /// /proc/PID/fd, where it has the name procpool-status. Call `seal` after it is mapped for writing.
    /// Nullopt if the system has no such memory.
    ///
    /// Errors: throws `boost::system::system_error`.
    static std::optional<shared_memory> create_shown(std::uint64_t bytes);
    /// From now on it cannot be mapped for writing; mappings that exist still can be written.
    void seal() const noexcept;

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

/// The shared memory that all processes of the program may reserve, in part, without harm: on Linux there is no
/// limit, since only address space is reserved; on Windows, physical memory, since the system makes page tables
/// for what is reserved, a 512th of it, at once.
std::uint64_t reservable_memory() noexcept;

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

// Memory that processes share by a few numbers: a process that receives them can attach it, even if the
// process was started before the memory was made.

/// Identifies a segment, in every process of the machine.
struct segment_ticket {
    std::uint64_t id = 0;  // the system's; it may be reused for another segment,
    std::uint64_t key = 0; // which has another key
    std::uint64_t bytes = 0;

    friend bool operator==(const segment_ticket&, const segment_ticket&) = default;
};

/// A segment that this process has attached. It has no name and uses no descriptor. Its pages are sparse and
/// read as zeros before they are written. It is freed with the last process that has it attached, even if
/// that is killed. It is excluded from core dumps.
class shared_segment {
  public:
    /// The alignment of data().
    static constexpr std::size_t alignment = 64;

    /// Errors: throws std::bad_alloc if there is not enough memory, `boost::system::system_error` if the
    ///         system has too many segments.
    static shared_segment create(std::uint64_t bytes);

    /// Nullopt if the segment is gone. A process must have it attached as long as its ticket is used.
    ///
    /// Errors: throws std::bad_alloc if there is no address space, `boost::system::system_error`.
    static std::optional<shared_segment> attach(const segment_ticket& ticket);

    const segment_ticket& ticket() const noexcept { return ticket_; }
    std::byte* data() const noexcept;
    std::size_t size() const noexcept { return static_cast<std::size_t>(ticket_.bytes); }

  private:
    shared_segment(boost::interprocess::mapped_region region, const segment_ticket& ticket) noexcept;

    boost::interprocess::mapped_region region_;
    segment_ticket ticket_;
};

enum class access { read_only, read_write };

/// A part of a shared memory in the address space of this process. A page uses memory only when it is
/// touched, even in a program that locks its mappings into memory (mlockall), and independent of the limit on
/// that (RLIMIT_MEMLOCK). It is excluded from core dumps.
class sparse_mapping {
  public:
    /// Requires: `offset` is a multiple of 64 KiB.
    /// Errors:   throws `boost::system::system_error`, or on Windows
    ///           `boost::interprocess::interprocess_exception`.
    sparse_mapping(const shared_memory& memory, access how, std::uint64_t offset, std::uint64_t bytes);
    sparse_mapping(const sparse_mapping&) = delete;
    sparse_mapping& operator=(const sparse_mapping&) = delete;

    std::byte* data() const noexcept;
    std::size_t size() const noexcept;

    /// Excludes it from copies that fork() makes of this process: a copy that uses it faults at once, instead
    /// of writing into memory that the process shares with its workers.
    void exclude_from_copies() noexcept;

#if defined(_WIN32)
    sparse_mapping(sparse_mapping&&) noexcept = default;

  private:
    boost::interprocess::mapped_region region_;
#else
    sparse_mapping(sparse_mapping&& other) noexcept;
    ~sparse_mapping();

  private:
    std::byte* data_ = nullptr; // null: moved from
    std::size_t size_ = 0;
#endif
};

/// A word that distinguishes this process from copies made by fork() or by a system call of the program: it
/// is never 0 here, and 0 in every copy, which gets another mark on request. It lives as long as the process.
/// On Windows there are no copies.
///
/// Errors:        throws `boost::system::system_error` if there is no memory.
/// Thread safety: any thread; it takes no lock, which could be held in a copy.
const std::atomic<std::uint32_t>& process_mark();

} // namespace procpool::os

#endif

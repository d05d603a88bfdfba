// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SPARSE_MAPPING_HPP
#define PROCPOOL_OS_SPARSE_MAPPING_HPP

#include "os/shared_memory.hpp"

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#include <boost/interprocess/mapped_region.hpp>
#endif

namespace procpool::os {

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

} // namespace procpool::os

#endif

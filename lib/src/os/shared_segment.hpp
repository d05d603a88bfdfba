// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SHARED_SEGMENT_HPP
#define PROCPOOL_OS_SHARED_SEGMENT_HPP

#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

// Memory that processes share by a few numbers: whoever is told them can attach it, also a process that was
// started before the memory was made.
namespace procpool::os {

/// Says where a segment is. It means the same in every process of the machine.
struct segment_ticket {
    std::uint64_t id = 0;  // the system's; it may be given to another segment later,
    std::uint64_t key = 0; // which has another key
    std::uint64_t bytes = 0;

    friend bool operator==(const segment_ticket&, const segment_ticket&) = default;
};

/// A segment that this process has attached. It has no name and takes no descriptor, its pages are sparse and
/// read as zeros before they are written, and it is gone with the last process that has it attached, whatever
/// that dies of. It stays out of core dumps.
class shared_segment {
  public:
    /// What data() is aligned to.
    static constexpr std::size_t alignment = 64;

    /// Errors: throws std::bad_alloc where there is not so much memory, `boost::system::system_error` if the
    ///         system has too many segments.
    static shared_segment create(std::uint64_t bytes);

    /// None if the segment is gone. It must be attached by some process as long as its ticket is used.
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

} // namespace procpool::os

#endif

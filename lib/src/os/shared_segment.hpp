// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SHARED_SEGMENT_HPP
#define PROCPOOL_OS_SHARED_SEGMENT_HPP

#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

// Memory that processes share by a few numbers: a process that receives them can attach it, even if the
// process was started before the memory was made.
namespace procpool::os {

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

} // namespace procpool::os

#endif

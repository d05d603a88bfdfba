// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_PAGE_RANGE_HPP
#define PROCPOOL_OS_PAGE_RANGE_HPP

#include <cstdint>

// The pages that a range of bytes covers.
namespace procpool::os {

struct page_range {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;

    bool operator==(const page_range&) const = default;
};

/// The part of a range that consists of whole pages; 0 bytes at 0 if there is none. A range past the largest
/// number ends there.
page_range whole_pages(std::uint64_t offset, std::uint64_t bytes, std::uint64_t page_bytes) noexcept;

} // namespace procpool::os

#endif

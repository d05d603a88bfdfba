// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/page_range.hpp"

#include <limits>

namespace procpool::os {

page_range whole_pages(std::uint64_t offset, std::uint64_t bytes, std::uint64_t page_bytes) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t end = bytes > most - offset ? most : offset + bytes;
    const std::uint64_t last = end - end % page_bytes;
    const std::uint64_t into_page = offset % page_bytes;
    if (into_page != 0 && offset > most - (page_bytes - into_page))
        return {};
    const std::uint64_t first = into_page == 0 ? offset : offset + (page_bytes - into_page);
    if (first >= last)
        return {};
    return {first, last - first};
}

} // namespace procpool::os

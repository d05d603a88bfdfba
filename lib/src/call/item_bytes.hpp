// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CALL_ITEM_BYTES_HPP
#define PROCPOOL_CALL_ITEM_BYTES_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/run/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace procpool::detail {

/// Offsets [begin, end) in a payload.
struct byte_range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The position of the arguments of items [first, first + count) of a job in its payload.
///
/// Complexity: O(1) if they have a fixed size or are all items, else O(first + count).
inline byte_range bytes_of_items(const job& job, std::uint32_t first, std::uint32_t count) noexcept {
    const auto all = job.arguments.bytes();
    if (job.pinned == pinning::each_worker || (first == 0 && count == job.items))
        return {job.items_offset, all.size()};
    if (job.fixed) {
        const auto begin = job.items_offset + std::size_t{first} * job.fixed_item_bytes;
        return {begin, begin + std::size_t{count} * job.fixed_item_bytes};
    }
    item_cursor cursor(all.subspan(job.items_offset));
    for (std::uint32_t i = 0; i != first; ++i)
        cursor.next();
    const auto begin = all.size() - cursor.remaining();
    for (std::uint32_t i = 0; i != count; ++i)
        cursor.next();
    return {begin, all.size() - cursor.remaining()};
}

} // namespace procpool::detail

#endif

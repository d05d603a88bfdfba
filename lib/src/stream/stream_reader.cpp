// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/stream/stream_reader.hpp>

#include <procpool/detail/call/range_submission.hpp>

#include <algorithm>
#include <stdexcept>

namespace procpool::detail {

stream_plan::stream_plan(std::optional<std::size_t> asked_chunk, std::optional<std::size_t> asked_ahead,
                         std::size_t workers) {
    if (asked_chunk == std::size_t{0})
        throw std::invalid_argument("procpool::map_options: chunk_size is 0; it must be at least 1");
    if (asked_ahead == std::size_t{0})
        throw std::invalid_argument("procpool::map_options: max_in_flight is 0; it must be at least 1");
    const auto chunk = std::min(asked_chunk.value_or(1), chunk_plan::max_items);
    max_ahead_ = asked_ahead.value_or(2 * workers * chunk); // at most 65536 workers, so no overflow
    chunk_ = static_cast<std::uint32_t>(std::min(chunk, max_ahead_));
}

} // namespace procpool::detail

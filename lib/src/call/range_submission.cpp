// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/call/range_submission.hpp>

#include <algorithm>
#include <stdexcept>

namespace procpool::detail {
namespace {

constexpr std::size_t chunks_per_worker = 4; // as Python's pool does

} // namespace

chunk_plan::chunk_plan(std::optional<std::size_t> asked, std::optional<std::size_t> length,
                       std::size_t workers)
    : asked_(asked.has_value())
    , size_(0)
    , workers_(workers) {
    if (asked == std::size_t{0})
        throw std::invalid_argument("procpool::map_options: chunk_size is 0; it must be at least 1");
    if (!asked && length) {
        const auto chunks = chunks_per_worker * workers;
        asked = std::max<std::size_t>(1, *length / chunks + (*length % chunks != 0));
    }
    if (asked)
        size_ = static_cast<std::uint32_t>(std::min(*asked, max_items));
}

std::uint32_t chunk_plan::size(std::size_t chunks) const noexcept {
    if (size_ != 0)
        return size_;
    // The size doubles after every `chunks_per_worker` chunks for each worker.
    const auto rounds = std::min<std::size_t>((chunks - 1) / (chunks_per_worker * workers_), 16);
    return std::uint32_t{1} << rounds;
}

} // namespace procpool::detail

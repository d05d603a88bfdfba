// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_CHUNK_PLAN_HPP
#define PROCPOOL_DETAIL_CALL_CHUNK_PLAN_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace procpool::detail {

/// Decides how many items are sent together. A chunk can be cut between any two items later, when a worker is
/// idle, so the plan need not predict how long items take.
class chunk_plan {
  public:
    /// `asked`: the user's chunk size; `length`: the length of the range, if it is known before it is read.
    ///
    /// Errors: throws std::invalid_argument if `asked` is 0.
    chunk_plan(std::optional<std::size_t> asked, std::optional<std::size_t> length, std::size_t workers);

    /// Whether a chunk of `items` items and `bytes` bytes, the `chunks`-th, is to be sent as it is.
    bool is_full(std::uint32_t items, std::size_t bytes, std::size_t chunks) const noexcept {
        return items >= size(chunks) || (!asked_ && bytes >= most_bytes);
    }

    /// The number of items of the `chunks`-th chunk, counted from 1, if the items are small.
    std::uint32_t size(std::size_t chunks) const noexcept;
    /// Likewise, if each item takes `item_bytes` bytes.
    std::uint32_t size(std::size_t chunks, std::size_t item_bytes) const noexcept {
        const auto items = size(chunks);
        return asked_ ? items
                      : static_cast<std::uint32_t>(std::min<std::size_t>(items, most_bytes / item_bytes + 1));
    }

    /// Unless the user sets a chunk size, a chunk exceeds this size by at most one item.
    static constexpr std::size_t most_bytes = 256 * 1024;
    /// Of a chunk, whatever the user asks for.
    static constexpr std::size_t most_items = std::numeric_limits<std::uint32_t>::max() / 2;

  private:
    bool asked_;
    std::uint32_t size_; // 0: unknown, grows
    std::size_t workers_;
};

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_PLAN_HPP
#define PROCPOOL_DETAIL_STREAM_PLAN_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

namespace procpool::detail {

/// How many items a stream sends together, and how far it pulls its input ahead of the reader.
class stream_plan {
  public:
    /// What map_options say, none where they say nothing.
    /// Errors: throws std::invalid_argument if either is 0.
    stream_plan(std::optional<std::size_t> asked_chunk, std::optional<std::size_t> asked_ahead,
                std::size_t workers);

    /// Items of a chunk; not more than `most_ahead`.
    std::uint32_t chunk() const noexcept { return chunk_; }
    /// Items that are pulled and not read, at most.
    std::size_t most_ahead() const noexcept { return most_ahead_; }

    /// With `ahead` items pulled and not read: is there room for another chunk?
    bool has_room(std::size_t ahead) const noexcept { return most_ahead_ - ahead >= chunk_; }

    /// Should there be pulled now? A narrow stream is kept full. In a wide one, several items are pulled
    /// together, which costs less than each by itself; more so if the reader has something to read.
    bool should_pull(std::size_t ahead, bool reader_waits) const noexcept {
        const auto room = most_ahead_ - ahead;
        return has_room(ahead) && (most_ahead_ < wide || room >= most_ahead_ / (reader_waits ? 8 : 4));
    }

  private:
    static constexpr std::size_t wide = 64;

    std::uint32_t chunk_;
    std::size_t most_ahead_;
};

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_PLAN_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_PLAN_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

namespace procpool::detail {

/// Decides how many items a stream sends together, and how far it reads its input ahead of the reader.
class stream_plan {
  public:
    /// The values of map_options; nullopt for defaults.
    ///
    /// Errors: throws std::invalid_argument if either is 0.
    stream_plan(std::optional<std::size_t> asked_chunk, std::optional<std::size_t> asked_ahead,
                std::size_t workers);

    /// The number of items of a chunk; at most `most_ahead`.
    std::uint32_t chunk() const noexcept { return chunk_; }
    /// The maximum number of items that were read from the input and not yet read from the stream.
    std::size_t most_ahead() const noexcept { return most_ahead_; }

    /// Whether there is room for another chunk, with `ahead` items in flight.
    bool has_room(std::size_t ahead) const noexcept { return most_ahead_ - ahead >= chunk_; }

    /// Whether the input should be read now. A narrow stream is kept full. In a wide stream, several items
    /// are read together, which costs less for each item; more of them if the reader has results to read.
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

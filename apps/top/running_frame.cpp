// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/running_frame.hpp"

#include "channel/claim.hpp"
#include "channel/layout.hpp"

#include <cstddef>

namespace top {
namespace {

namespace channel = procpool::channel;

struct words_of_channel {
    std::uint64_t head = 0, tail = 0, passed = 0, running = 0;
    std::int64_t since = 0, clock = 0;
    double reported = 0;

    static std::optional<words_of_channel> read(const memory& from) {
        constexpr auto needed = offsetof(channel::control, given_back);
        struct alignas(channel::cache_line) part {
            std::array<std::byte, needed> bytes;
        };
        copy_of<part> words;
        if (!words.read(from))
            return std::nullopt;
        return words_of_channel{PROCPOOL_WORD(words, channel::control, std::uint64_t, request_head),
                                PROCPOOL_WORD(words, channel::control, std::uint64_t, request_tail),
                                PROCPOOL_WORD(words, channel::control, std::uint64_t, frames_passed),
                                PROCPOOL_WORD(words, channel::control, std::uint64_t, running),
                                PROCPOOL_WORD(words, channel::control, std::int64_t, running_since),
                                PROCPOOL_WORD(words, channel::control, std::int64_t, clock_read),
                                PROCPOOL_WORD(words, channel::control, double, reported)};
    }
};

} // namespace

/// The frame that a worker reads has its place as long as the worker has not passed it.
std::optional<running_frame> read_frame(const memory& from) {
    constexpr auto mask = channel::request_ring_bytes - 1;
    for (int attempt = 0; attempt != most_attempts; ++attempt) {
        const auto words = words_of_channel::read(from);
        if (!words)
            return std::nullopt;
        if (words->head == words->tail)
            return running_frame{};
        auto at = words->tail & mask;
        const bool sound = words->tail % channel::cache_line == 0 && words->head % channel::cache_line == 0 &&
                           words->head - words->tail <= channel::request_ring_bytes;
        copy_of<channel::request_header> header;
        std::uint64_t claims = 0;
        in_order();
        bool read = sound && header.read(from, channel::requests_offset + at);
        if (read && at != 0 && header.word<std::uint32_t>(0) == channel::wrap_mark)
            read = header.read(from, channel::requests_offset);
        const auto claims_at =
            offsetof(channel::control, claims) + sizeof(std::uint64_t) * channel::claim_index(words->passed);
        read = read && from(claims_at, std::as_writable_bytes(std::span(&claims, 1))) == sizeof claims;
        in_order();
        const auto after = words_of_channel::read(from);
        if (!after)
            return std::nullopt;
        if (after->tail != words->tail || after->passed != words->passed)
            continue; // it is the next frame's turn
        if (!read)
            return std::nullopt;
        const auto claimed = channel::unpack(claims);
        running_frame out;
        out.any = true;
        out.runs = claimed.next != 0;
        out.task = header.word<std::uint64_t>(offsetof(channel::request_header, task)) & ~channel::timed_mark;
        const bool timed = channel::frame_of(after->running) == channel::frame_id(after->passed);
        out.since = timed ? after->since : after->clock;
        out.reported = after->reported;
        return out;
    }
    return running_frame{true, false, 0, 0, 0}; // it runs many short frames
}

} // namespace top

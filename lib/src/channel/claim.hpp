// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_CLAIM_HPP
#define PROCPOOL_CHANNEL_CLAIM_HPP

#include <algorithm>
#include <atomic>
#include <cstdint>

// One 64-bit word per frame decides which side has an item: `next`, the first item that the worker has not
// claimed, and `end`, after the last item that the worker may claim. The worker increases `next`, the parent
// decreases `end`, both by compare-exchange. So each item belongs either to the worker or to the parent, and
// never to both.

namespace procpool::channel {

/// Items [first, last).
struct item_range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    std::uint32_t size() const noexcept { return last - first; }
    bool empty() const noexcept { return first == last; }
    friend bool operator==(const item_range&, const item_range&) = default;
};

/// The content of a claim word.
struct claim_state {
    std::uint32_t next = 0;
    std::uint32_t end = 0;
};

constexpr std::uint64_t pack(claim_state state) noexcept {
    return static_cast<std::uint64_t>(state.end) << 32 | state.next;
}

constexpr claim_state unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}

/// Offers items [0, items) to the worker. The frame's publication makes the word visible with the frame.
inline void open_claim(std::atomic<std::uint64_t>& word, std::uint32_t items) noexcept {
    word.store(pack({0, items}), std::memory_order_relaxed);
}

/// Worker: claims up to `at_most` items, from the front. Empty: none are left.
inline item_range claim(std::atomic<std::uint64_t>& word, std::uint32_t at_most) noexcept {
    auto seen = word.load(std::memory_order_relaxed);
    for (;;) {
        const auto [next, end] = unpack(seen);
        if (next >= end)
            return {next, next};
        const auto last = next + std::min(at_most, end - next);
        if (word.compare_exchange_weak(seen, pack({last, end}), std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
            return {next, last};
    }
}

/// Worker: whether there may be an unclaimed item.
inline bool anything_to_claim(const std::atomic<std::uint64_t>& word) noexcept {
    const auto [next, end] = unpack(word.load(std::memory_order_relaxed));
    return next < end;
}

/// Worker: gives back items [`from`, `to`), the last that it has claimed, none of which it has started.
/// False: they are not the last, so the word was overwritten.
inline bool unclaim(std::atomic<std::uint64_t>& word, std::uint32_t from, std::uint32_t to) noexcept {
    auto seen = word.load(std::memory_order_relaxed);
    for (;;) {
        const auto [next, end] = unpack(seen);
        if (next != to)
            return false;
        if (word.compare_exchange_weak(seen, pack({from, end}), std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
            return true;
    }
}

/// Parent: takes back up to `at_most` unclaimed items, from the back. Empty: none were left.
///
/// Items [`done`, `items`) are, as far as the parent knows, without an outcome and not taken back. Only the
/// parent changes the end, so a word that contradicts this was overwritten: then nothing is taken back, in
/// particular no item that has an outcome, and the check of the frame's records reports the damage.
///
/// If the worker published data before it claimed the items that are not taken back, the data can be read
/// afterwards.
inline item_range take_back(std::atomic<std::uint64_t>& word, std::uint32_t at_most, std::uint32_t items,
                            std::uint32_t done = 0) noexcept {
    auto seen = word.load(std::memory_order_acquire);
    for (;;) {
        const auto [next, end] = unpack(seen);
        if (next >= end || end != items || next < done)
            return {};
        const auto first = end - std::min(at_most, end - next);
        if (word.compare_exchange_weak(seen, pack({next, first}), std::memory_order_acq_rel,
                                       std::memory_order_acquire))
            return {first, end};
    }
}

} // namespace procpool::channel

#endif

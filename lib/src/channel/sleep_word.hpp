// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_SLEEP_WORD_HPP
#define PROCPOOL_CHANNEL_SLEEP_WORD_HPP

#include <atomic>
#include <cstdint>

// A doorbell rings only for a sleeper. The word shows whether, and how, its owner sleeps.
//
//     sleeper                                     writer
//     A  marks itself as asleep (going_to_sleep)  X  publishes
//     B  checks once more                         Y  tests whether to ring (wake_needed)
//     C  blocks on its doorbell
//
// A and Y are read-modify-write operations on the same word, so one comes first. If Y comes first, A reads
// from it, and B sees the data that X published. If A comes first, Y reads the mark, and rings. Either way no
// wake-up is lost. No fence is needed, which ThreadSanitizer could not follow. The word is never changed by a
// plain store: a store of the sleeper between Y and A would break the chain from Y to A. A writer that finds
// a sleeper resets the word to `awake`, so that one sleep costs one ring.

namespace procpool::channel {

/// Improbable numbers, since a task may write to a wrong address: a word with any other value, in particular
/// zero, does not mean that its owner is awake.
enum class sleep : std::uint32_t {
    awake = 0x9d3f'5b71,
    on_doorbell = 0xb24c'e60d,  // a worker in its loop; in the parent, its own thread
    as_collector = 0x6e81'17a9, // in the parent, a collecting thread in get(), on another doorbell
};

inline void going_to_sleep(std::atomic<std::uint32_t>& word, sleep how) noexcept {
    word.exchange(static_cast<std::uint32_t>(how), std::memory_order_acq_rel);
}

inline void woke_up(std::atomic<std::uint32_t>& word) noexcept {
    word.exchange(static_cast<std::uint32_t>(sleep::awake), std::memory_order_acq_rel);
}

/// Called after publishing: how the other side sleeps, if it sleeps and no other writer rings. A value that
/// is not in `sleep` was written by a stray write: then the owner may sleep in any way.
inline sleep wake_needed(std::atomic<std::uint32_t>& word) noexcept {
    if (word.fetch_add(0, std::memory_order_acq_rel) == static_cast<std::uint32_t>(sleep::awake))
        return sleep::awake;
    return static_cast<sleep>(
        word.exchange(static_cast<std::uint32_t>(sleep::awake), std::memory_order_acq_rel));
}

} // namespace procpool::channel

#endif

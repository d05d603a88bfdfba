// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_SLEEP_WORD_HPP
#define PROCPOOL_CHANNEL_SLEEP_WORD_HPP

#include <atomic>
#include <cstdint>

// A doorbell rings only for a sleeper. The word says whether, and how, its owner sleeps.
//
//     sleeper                                     writer
//     A  says how it sleeps (going_to_sleep)      X  publishes
//     B  looks once more                          Y  asks whether to ring (wake_needed)
//     C  blocks on its doorbell
//
// A and Y are read-modify-write operations on the same word, so one comes first. If Y does, A reads from it
// and what X published is visible to B. If A does, Y reads what A said, and the bell rings. Either way no
// wake-up is lost, and it takes no fence, which ThreadSanitizer could not follow. Nothing is ever just stored
// in the word: a store of the sleeper's between Y and A would cut A off from Y. The writer that finds a
// sleeper takes the word back to `awake`, so that one sleep costs one ring.

namespace procpool::channel {

/// Unlikely numbers, since a task may write where it should not: a word with any other in it, zero above all,
/// does not say that somebody is awake.
enum class sleep : std::uint32_t {
    awake = 0x9d3f'5b71,
    on_doorbell = 0xb24c'e60d,  // a worker: in its loop; the parent: its own thread waits
    as_collector = 0x6e81'17a9, // the parent: a thread in get() collects, and waits on a doorbell of its own
};

inline void going_to_sleep(std::atomic<std::uint32_t>& word, sleep how) noexcept {
    word.exchange(static_cast<std::uint32_t>(how), std::memory_order_acq_rel);
}

inline void woke_up(std::atomic<std::uint32_t>& word) noexcept {
    word.exchange(static_cast<std::uint32_t>(sleep::awake), std::memory_order_acq_rel);
}

/// After publishing: how the other side sleeps, if it does and nobody else rings. What is none of `sleep` was
/// written by a stranger: then it may sleep in any way.
inline sleep wake_needed(std::atomic<std::uint32_t>& word) noexcept {
    if (word.fetch_add(0, std::memory_order_acq_rel) == static_cast<std::uint32_t>(sleep::awake))
        return sleep::awake;
    return static_cast<sleep>(
        word.exchange(static_cast<std::uint32_t>(sleep::awake), std::memory_order_acq_rel));
}

} // namespace procpool::channel

#endif

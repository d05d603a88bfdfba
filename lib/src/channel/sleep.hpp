// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_SLEEP_HPP
#define PROCPOOL_CHANNEL_SLEEP_HPP

#include "os/waiting.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

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

/// Decides how long to spin before sleeping, by the recent success of spinning.
///
/// A wake-up across CPUs costs 25 to 45 microseconds, so spinning for about that long pays if it often
/// succeeds. Every failure halves the budget, a success restores it, and every sixteenth wait tries the full
/// budget again, so that a phase of fast exchange is noticed.
class spin_budget {
  public:
    /// `most`: the maximum number of turns, each of some 20 to 40 ns; 0 never spins.
    explicit spin_budget(std::uint32_t most) noexcept : most_(most), budget_(most) {}

    /// The number of turns for the wait that begins now.
    std::uint32_t turns() noexcept {
        ++waits_;
        return waits_ % 16 == 0 ? most_ : budget_;
    }
    void caught() noexcept { budget_ = most_; }
    void missed() noexcept { budget_ = std::max(budget_ / 2, most_ / 32); }

    /// Spins until `ready()`; false if it was not ready within the budget. At the end of the budget it gives
    /// up its CPU once: with more threads than CPUs, the thread that it waits for may have no CPU.
    template <class Ready>
    bool spin(Ready ready) {
        for (auto left = turns(); left != 0; --left) {
            if (ready()) {
                caught();
                return true;
            }
            os::cpu_relax();
        }
        missed();
        std::this_thread::yield();
        return ready();
    }

  private:
    std::uint32_t most_;
    std::uint32_t budget_;
    std::uint32_t waits_ = 0;
};

/// The full budget of a worker on `cpus` CPUs: as long as the parent takes to wake up, which is then likely
/// to send work. With a single CPU, spinning cannot succeed.
constexpr std::uint32_t max_worker_spin_turns(std::size_t cpus) noexcept {
    return cpus < 2 ? 0 : 1500;
}

/// Likewise for the parent of `workers` workers. A spinning thread occupies a CPU. If a CPU is to spare, this
/// costs nothing; otherwise the spin must be short, since a worker could use the CPU.
constexpr std::uint32_t max_parent_spin_turns(std::size_t workers, std::size_t cpus) noexcept {
    return workers < cpus ? max_worker_spin_turns(cpus) : max_worker_spin_turns(cpus) / 5;
}

} // namespace procpool::channel

#endif

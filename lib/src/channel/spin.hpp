// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_SPIN_HPP
#define PROCPOOL_CHANNEL_SPIN_HPP

#include "os/cpu_relax.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace procpool::channel {

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
constexpr std::uint32_t most_worker_spin_turns(std::size_t cpus) noexcept {
    return cpus < 2 ? 0 : 1500;
}

/// Likewise for the parent of `workers` workers. A spinning thread occupies a CPU. If a CPU is to spare, this
/// costs nothing; otherwise the spin must be short, since a worker could use the CPU.
constexpr std::uint32_t most_parent_spin_turns(std::size_t workers, std::size_t cpus) noexcept {
    return workers < cpus ? most_worker_spin_turns(cpus) : most_worker_spin_turns(cpus) / 5;
}

} // namespace procpool::channel

#endif

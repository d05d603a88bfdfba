// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_SPIN_HPP
#define PROCPOOL_CHANNEL_SPIN_HPP

#include "os/cpu_relax.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace procpool::channel {

/// How long to spin before sleeping, by what spinning has caught lately.
///
/// A wake-up across CPUs costs 25 to 45 microseconds, so it pays to spin about that long if that catches
/// something. Every miss halves the budget, a catch restores it, and every sixteenth wait tries the whole of
/// it again, so that a phase of fast exchange is noticed.
class spin_budget {
  public:
    /// `most`: turns, each of some 20 to 40 ns; 0 never spins.
    explicit spin_budget(std::uint32_t most) noexcept : most_(most), budget_(most) {}

    /// Turns to spend on the wait that begins now.
    std::uint32_t turns() noexcept {
        ++waits_;
        return waits_ % 16 == 0 ? most_ : budget_;
    }
    void caught() noexcept { budget_ = most_; }
    void missed() noexcept { budget_ = std::max(budget_ / 2, most_ / 32); }

    /// Spins until `ready()`; false if it was not ready within the budget. At its end the CPU is
    /// given away once: there may be more threads than CPUs, and who is waited for may be one that has none.
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

/// The whole budget of a worker on `cpus` CPUs: as long as it takes the parent to wake up, who is likely to
/// have something for it then. With a single CPU what is waited for cannot come.
constexpr std::uint32_t most_worker_spin_turns(std::size_t cpus) noexcept {
    return cpus < 2 ? 0 : 1500;
}

/// Likewise of the parent of `workers` workers. Who spins takes a CPU: with one to spare that is free, else
/// it must be short, since a worker could use it.
constexpr std::uint32_t most_parent_spin_turns(std::size_t workers, std::size_t cpus) noexcept {
    return workers < cpus ? most_worker_spin_turns(cpus) : most_worker_spin_turns(cpus) / 5;
}

} // namespace procpool::channel

#endif

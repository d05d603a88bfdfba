// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_RANDOM_HPP
#define PROCPOOL_APPS_RANDOM_HPP

// Numbers that depend on the seed alone. The bits of the engine are the same on all platforms, but the
// results of std::uniform_real_distribution are not, so the mapping is defined here.

#include <cstdint>
#include <random>

namespace apps {

class uniform_draw {
  public:
    explicit uniform_draw(std::uint64_t seed) : engine_(seed) {}

    /// The next number in [low, high).
    double operator()(double low, double high) {
        const double unit = static_cast<double>(engine_() >> 11) * 0x1.0p-53;
        return low + (high - low) * unit;
    }

  private:
    std::mt19937_64 engine_;
};

} // namespace apps

#endif

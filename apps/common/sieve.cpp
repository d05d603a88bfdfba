// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/sieve.hpp"

#include "common/random.hpp"

#include <algorithm>
#include <ostream>

namespace apps {

std::ostream& operator<<(std::ostream& out, const primes& value) {
    return out << value.count << " primes with the sum " << value.sum;
}

primes sieve_range(std::uint32_t limit, std::uint32_t first) {
    primes found;
    std::vector<bool> crossed_out(std::size_t{limit} + 1);
    for (std::size_t n = 2; n <= limit; ++n) {
        if (crossed_out[n])
            continue;
        if (n >= first) {
            ++found.count;
            found.sum += n;
        }
        for (std::size_t multiple = n * n; multiple <= limit; multiple += n)
            crossed_out[multiple] = true;
    }
    return found;
}

primes sieve(std::uint32_t limit) {
    return sieve_range(limit, 2);
}

std::vector<std::uint32_t> draw_limits(double limit, std::size_t jobs, std::uint64_t seed) {
    uniform_draw draw(seed);
    std::vector<std::uint32_t> limits(jobs);
    std::ranges::generate(
        limits, [&] { return static_cast<std::uint32_t>(std::max(2.0, draw(0.9 * limit, 1.1 * limit))); });
    return limits;
}

} // namespace apps

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_SIEVE_HPP
#define PROCPOOL_APPS_SIEVE_HPP

// The CPU-bound work of the benchmarks: the sieve of Eratosthenes.

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <vector>

namespace apps {

struct primes {
    std::uint64_t count = 0;
    std::uint64_t sum = 0; // modulo 2^64; detects a wrong set of the right size

    friend bool operator==(const primes&, const primes&) = default;
};

std::ostream& operator<<(std::ostream& out, const primes& value);

/// The primes from `first` to `limit`, inclusive.
primes sieve_range(std::uint32_t limit, std::uint32_t first);

/// The primes up to `limit`, inclusive.
primes sieve(std::uint32_t limit);

/// One limit for each job, within a tenth of `limit` and at least 2.
std::vector<std::uint32_t> draw_limits(double limit, std::size_t jobs, std::uint64_t seed);

} // namespace apps

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SEEDED_RANDOM_HPP
#define PROCPOOL_TEST_SEEDED_RANDOM_HPP

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

// Random tests that can be repeated.
namespace procpool::test {

/// Random numbers from a seed that differs from run to run, unless PROCPOOL_TEST_SEED sets it.
///
/// A test that uses it shows the seed in each failure: `BOOST_TEST_INFO_SCOPE(random.how_to_repeat())`.
class seeded_random {
  public:
    seeded_random() : seed_(choose()), numbers_(seed_) { BOOST_TEST_MESSAGE(how_to_repeat()); }

    std::string how_to_repeat() const { return "PROCPOOL_TEST_SEED=" + std::to_string(seed_); }

    std::uint64_t number() { return numbers_(); }
    /// One of [0, `end`). Requires: `end` > 0.
    std::uint64_t below(std::uint64_t end) { return numbers_() % end; }
    /// One of [`first`, `last`].
    std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
    /// True once in `many` times.
    bool once_in(std::uint64_t many) { return below(many) == 0; }

  private:
    static std::uint64_t choose() {
        if (const char* const wanted = std::getenv("PROCPOOL_TEST_SEED"))
            return std::strtoull(wanted, nullptr, 10);
        return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    }

    std::uint64_t seed_;
    std::mt19937_64 numbers_;
};

} // namespace procpool::test

#endif

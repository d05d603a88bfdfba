// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "task/running_task.hpp"

namespace procpool::serving {
namespace {

thread_local running_task* running_here = nullptr;

/// SplitMix64 of Steele, Lea and Flood: seeds that differ in one bit give unrelated numbers.
constexpr std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
}

} // namespace

running_task* running_task::of_this_thread() noexcept {
    return running_here;
}

running_task* running_task::set(running_task* what) noexcept {
    return std::exchange(running_here, what);
}

std::uint64_t seed_of(std::uint64_t pool_seed, std::uint32_t number) noexcept {
    return mix(mix(pool_seed) + (std::uint64_t{number} + 1) * 0x9e37'79b9'7f4a'7c15);
}

} // namespace procpool::serving

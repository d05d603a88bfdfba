// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_FAULT_PLAN_HPP
#define PROCPOOL_OS_FAULT_PLAN_HPP

#include "os/fault_point.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace procpool::os {

/// The environment variable of the parent, and so of its workers, with the name of the file that contains the
/// plan.
inline constexpr const char* fault_plan_variable = "PROCPOOL_FAULT_PLAN";

/// A fault and the step at which it happens, once: the whole content of a file that all processes of a pool
/// map. So passages are counted over all processes, and the replacement of a victim is spared.
struct fault_plan {
    enum class deed : std::uint32_t { none, kill, stop, exit };
    static constexpr int exit_status = 3;

    // Written before any process starts.
    fault_step step{};
    deed what{};
    std::uint32_t passage = 1; // from 1: the first passage at which it may happen
    bool to_another = false;   // affects `other`, when it is set, not the passing process

    std::atomic<std::int32_t> other{0};
    std::atomic<std::int32_t> victim{0}; // 0: it has not happened yet
    std::atomic<std::uint32_t> passages[static_cast<std::size_t>(fault_step::count)]{};
};

} // namespace procpool::os

#endif

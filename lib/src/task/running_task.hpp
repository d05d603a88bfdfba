// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TASK_RUNNING_TASK_HPP
#define PROCPOOL_TASK_RUNNING_TASK_HPP

#include <cstdint>
#include <stop_token>
#include <utility>

namespace procpool::serving {

/// The frame that a thread runs, as this_task sees it: in a worker, in a pool without workers, or when a
/// saved call is run again.
///
/// Thread safety: the thread that runs the frame.
class running_task {
  public:
    /// See this_task. Requires: an item runs.
    virtual std::stop_token stop_token() = 0;
    virtual std::uint64_t seed() const noexcept = 0;
    virtual void report(double fraction) noexcept = 0;

    /// Null if the calling thread runs no frame.
    static running_task* of_this_thread() noexcept;
    /// Makes `what` the frame of this thread, or null: none. Returns the one before.
    static running_task* set(running_task* what) noexcept;

  protected:
    ~running_task() = default;
};

/// The value of this_task::seed for an item or a call with this number, in a pool with this seed.
std::uint64_t seed_of(std::uint64_t pool_seed, std::uint32_t number) noexcept;

} // namespace procpool::serving

#endif

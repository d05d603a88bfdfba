// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_ITEM_FAILURES_HPP
#define PROCPOOL_POOL_ITEM_FAILURES_HPP

#include "crash/crash_report.hpp"

#include <procpool/detail/call/job.hpp>

#include <cstdint>
#include <exception>
#include <optional>

// The errors that a pool itself sets for an item of a job, with all known facts.

// If there is no memory for the error, the error is std::bad_alloc.
namespace procpool::pooling {

/// The worker `pid` died while it ran the item.
std::exception_ptr item_lost(const detail::job& job, std::uint32_t item, long pid,
                             const worker_end& end) noexcept;
/// The item ran past its time-out in the worker `pid`.
std::exception_ptr item_timed_out(const detail::job& job, std::uint32_t item, long pid) noexcept;
/// The item was cancelled; `pid`: the worker that was running it.
std::exception_ptr item_cancelled(const detail::job& job, std::uint32_t item,
                                  std::optional<long> pid) noexcept;

} // namespace procpool::pooling

#endif

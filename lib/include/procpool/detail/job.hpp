// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_JOB_HPP
#define PROCPOOL_DETAIL_JOB_HPP

#include <procpool/detail/frame_run.hpp>
#include <procpool/detail/payload.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace procpool::detail {

/// Errors: throws std::invalid_argument for a time-out that is not positive.
void require_time(const std::optional<std::chrono::nanoseconds>& timeout);

/// How often items were run again.
struct retry_counts;
struct destroy_retry_counts {
    void operator()(retry_counts* counts) const noexcept;
};

/// One call, or one chunk of a map, as the parent sees it: what to send, and where outcomes go.
///
/// The pool owns it from `submit` until it calls `settled`; until then every item gets one outcome, each call
/// in some thread that holds no lock. Outcomes of different items may come at the same time.
class job {
  public:
    job(const job&) = delete;
    job& operator=(const job&) = delete;

    /// Items [first, first + count) have values, encoded one behind the other in `values`.
    virtual void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                           long worker_pid) noexcept = 0;
    /// Items [first, first + count) have all failed, for the same reason.
    virtual void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept = 0;
    /// Every item has its outcome, and the pool has done with the object.
    virtual void settled() noexcept = 0;

    virtual std::string task_name() const = 0;

    /// What call_options or map_options say.
    /// Errors: throws std::invalid_argument for a time-out that is not positive.
    void limit(const std::optional<std::chrono::nanoseconds>& item_timeout, unsigned item_retries);

    /// The item of the user's range that `item` of this job is; none for a single call.
    std::optional<std::size_t> range_index(std::uint32_t item) const noexcept {
        return is_of_range ? std::optional(index_base + item) : std::nullopt;
    }

    // In an order that leaves no gaps: every call that waits has all of this.
    std::size_t index_base = 0;          // of item 0 in the user's range; of a single call, its number
    const result_base* owner = nullptr;  // whose cancellation this is
    std::chrono::nanoseconds timeout{0}; // of each item, 0: none
    task_runner run = nullptr;           // of the items
    std::uint64_t task = 0;              // what a worker finds `run` by; the pool's
    unsigned retries = 0;                // of each item
    std::uint32_t items = 1;
    std::uint32_t items_offset = 0;     // of the first item in `arguments`
    std::uint32_t fixed_item_bytes = 0; // 0 and `fixed`: items take no bytes
    bool fixed = false;                 // arguments of one item take `fixed_item_bytes`, packed
    bool is_of_range = false;
    bool is_broadcast = false; // item i is for worker i, with the arguments of item 0
    bool gathers = false; // a worker may keep what items yield, for those that follow: with it, all are lost
    // The pool's, under its lock; but `unsettled`, the items without an outcome, goes without.
    bool cancelled = false;
    bool prepares_worker = false; // it is not the scheduler's, but part of a worker's start
    std::atomic<std::uint32_t> unsettled{0};
    std::unique_ptr<retry_counts, destroy_retry_counts> retried; // null: no item was run again
    payload arguments;

  protected:
    explicit job(pool_core& core) noexcept : arguments(core) {}
    ~job() = default;
};

/// Submits a job that is the pool's from now on, if this does not throw.
/// Errors: those of pool_core::submit.
void submit_one(pool_core& core, job& what, bool caller_waits);

/// Submits a job that is part of its result, which the pool then keeps until the job is settled.
/// Errors: those of pool_core::submit.
void submit_counted(pool_core& core, result_base& result, job& what, bool caller_waits);

} // namespace procpool::detail

#endif

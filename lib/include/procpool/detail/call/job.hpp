// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_JOB_HPP
#define PROCPOOL_DETAIL_CALL_JOB_HPP

#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/run/frame_context.hpp>
#include <procpool/encoder.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace procpool::detail {

/// The encoded function object and arguments of a job.
///
/// Small payloads are stored in the object, larger ones on the heap until they are copied into a worker's
/// ring. Big ones are encoded into memory that every worker can read, and are never copied.
class payload final : public encoder {
  public:
    explicit payload(pool_core& core) noexcept : encoder(inline_, sizeof inline_), core_(&core) {}
    ~payload() { clear(); }

    std::span<const std::byte> bytes() const noexcept { return {base(), size()}; }
    /// The location for workers; `data` is null if workers cannot read the payload, which must then be copied
    /// into a ring.
    argument_block shared() const noexcept { return elsewhere_ ? elsewhere_->shared : argument_block(); }

    void keep(std::shared_ptr<const void> what) override;

    struct position {
        std::size_t bytes = 0;
        std::size_t kept = 0;
    };
    position end() const noexcept { return {size(), elsewhere_ ? elsewhere_->kept.size() : 0}; }
    /// Drops all bytes and kept objects that were added after the position.
    void cut(const position& to) noexcept;
    /// Replaces bytes that were written.
    void overwrite(std::size_t at, const void* data, std::size_t size) noexcept {
        std::memcpy(base() + at, data, size);
    }
    /// Frees the memory.
    void clear() noexcept {
        rewind(0);
        if (elsewhere_)
            leave_elsewhere();
    }

  private:
    /// Members that few calls need.
    struct outside {
        std::unique_ptr<std::byte[]> heap;
        argument_block shared;
        std::vector<std::shared_ptr<const void>> kept;
    };
    struct destroy {
        void operator()(outside* what) const noexcept;
    };

    void grow(std::size_t more) override;
    outside& elsewhere();
    void leave_elsewhere() noexcept;

    pool_core* core_;
    std::unique_ptr<outside, destroy> elsewhere_; // null: all bytes are in this object
    // Seven numbers. A larger object would take another 16 bytes for each waiting call.
    std::byte inline_[56];
};

/// Errors: throws std::invalid_argument for a time-out that is not positive.
void require_time(const std::optional<std::chrono::nanoseconds>& timeout);

/// Errors: throws std::invalid_argument if there is a worker, since the call is for all of them.
void refuse_worker(const std::optional<std::size_t>& worker);

/// Which workers may run a job.
enum class pinning : std::uint8_t {
    none,       // all
    one_worker, // the worker `job::worker`
    each_worker // worker i runs item i, with the arguments of item 0
};

/// How often items were run again.
struct retry_counts;
struct destroy_retry_counts {
    void operator()(retry_counts* counts) const noexcept;
};

/// One call, or one chunk of a map, in the parent: its encoded arguments, and functions that deliver
/// outcomes.
///
/// The pool owns it from `submit` until it calls `settled`. Until then every item gets one outcome. Each
/// function is called in a thread that holds no lock. Outcomes of different items may be delivered at the
/// same time.
class job {
  public:
    job(const job&) = delete;
    job& operator=(const job&) = delete;

    /// Items [first, first + count) have values, encoded one after the other in `values`.
    virtual void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                           long worker_pid) noexcept = 0;
    /// Items [first, first + count) have all failed, for the same reason.
    virtual void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept = 0;
    /// Every item has its outcome, and the pool no longer uses the object.
    virtual void settled() noexcept = 0;

    virtual std::string task_name() const = 0;

    /// Sets the time-out, the retries and the priority from call_options or map_options.
    ///
    /// Errors: throws std::invalid_argument for a time-out that is not positive.
    void limit(const std::optional<std::chrono::nanoseconds>& item_timeout, unsigned item_retries,
               int item_priority);

    /// Pins the call to a worker, if there is one, in a pool of `workers` workers.
    ///
    /// Errors: throws std::invalid_argument for a worker that the pool does not have.
    void pin(const std::optional<std::size_t>& to, std::size_t workers);

    /// The index in the user's range of the item `item` of this job; nullopt for a single call.
    std::optional<std::size_t> range_index(std::uint32_t item) const noexcept {
        return is_of_range ? std::optional(index_base + item) : std::nullopt;
    }

    // Ordered so that there is no padding: every waiting call has all of these members.
    std::size_t index_base = 0;          // of item 0 in the user's range; number of a single call
    const result_base* owner = nullptr;  // the result through which it is cancelled
    std::chrono::nanoseconds timeout{0}; // of each item, 0: none
    std::int64_t submitted_at = 0;       // steady clock, nanoseconds; set by the pool
    task_runner run = nullptr;           // runs the items
    std::uint64_t task = 0;              // identifies `run` for workers; set by the pool
    unsigned retries = 0;                // of each item
    std::uint32_t items = 1;
    std::uint32_t items_offset = 0;     // of the first item in `arguments`
    std::uint32_t fixed_item_bytes = 0; // 0 and `fixed`: items take no bytes
    bool fixed = false;                 // arguments of one item take `fixed_item_bytes`, packed
    bool is_of_range = false;
    bool gathers = false; // a worker may hold back outcomes; if it dies, all of them are lost
    pinning pinned = pinning::none;
    std::uint16_t worker = 0; // with pinning::one_worker
    // These belong to the pool, under its lock; except `unsettled`, the number of items without an outcome,
    // which needs no lock.
    bool cancelled = false;
    bool is_hook = false; // an initializer or a finalizer of one worker, unknown to the scheduler
    std::atomic<std::uint32_t> unsettled{0};
    int priority = 0;                                            // of each item
    std::unique_ptr<retry_counts, destroy_retry_counts> retried; // null: no item was run again
    payload arguments;

  protected:
    explicit job(pool_core& core) noexcept : arguments(core) {}
    ~job() = default;
};

/// Submits a job, which the pool owns from now on, unless this throws.
///
/// Errors: those of pool_core::submit.
void submit_one(pool_core& core, job& what, bool caller_waits);

/// Submits a job that is part of its result. The pool keeps the result alive until the job is settled.
///
/// Errors: those of pool_core::submit.
void submit_counted(pool_core& core, result_base& result, job& what, bool caller_waits);

} // namespace procpool::detail

#endif

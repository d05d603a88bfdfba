// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_FRAME_CONTEXT_HPP
#define PROCPOOL_DETAIL_RUN_FRAME_CONTEXT_HPP

#include <procpool/encoder.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iosfwd>
#include <span>

namespace procpool::detail {

/// Items that were claimed together, and the location for their values, which have a fixed size and are
/// packed.
struct packed_items {
    std::uint32_t first = 0;
    std::uint32_t count = 0; // 0: no items are left
    std::byte* room = nullptr;
    std::atomic<std::uint64_t>* running = nullptr; // number of the running item, from `first_running` on
    std::uint64_t first_running = 0;
    std::atomic<std::uint64_t>* complete = nullptr; // number of complete items, above `complete_before`
    std::uint64_t complete_before = 0;
    const std::atomic<bool>* interrupted = nullptr;

    /// Called before the `index`-th item runs. False: it must not run until `next_packed` has returned it
    /// again.
    bool begin(std::uint32_t index) const noexcept {
        running->store(first_running + index, std::memory_order_relaxed);
        // The interrupting thread has a fence for both threads: see claimed_items.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        return !interrupted->load(std::memory_order_relaxed);
    }
    /// Called when the value of the item is written. The process may die at any point.
    void end(std::uint32_t index) const noexcept {
        complete->store(complete_before + index + 1, std::memory_order_release);
    }
};

/// How a saved call went that was run again: see replay_task.
struct replay_log {
    std::ostream* out = nullptr; // what the task returned is printed there, if it can be
    bool begun = false;          // the task was called; before, its arguments are decoded
    bool returned = false;
    bool printed = false;
};

/// A frame while a worker runs it. The task's runner gets items from it, and stores their outcomes in it.
///
/// For every item from `next` or `next_packed`, the runner stores exactly one value or exception, in the
/// order of the items: before it requests another item, unless the job `gathers` (job.hpp).
class frame_context {
  public:
    /// The bytes of the function object, and the arguments of all items, one after the other.
    virtual std::span<const std::byte> function() const noexcept = 0;
    virtual std::span<const std::byte> arguments() const noexcept = 0;

    /// Claims the next item; items are claimed in order. False: no items are left, or the parent took them
    /// back.
    virtual bool next(std::uint32_t& item) = 0;

    /// Whether items have a time limit. If so, an outcome must be stored at once.
    virtual bool timed() const noexcept = 0;

    /// Claims several items, whose results are packed and take `size` bytes each, which may be 0. After as
    /// many as possible have ended with a value, one after the other, call `packed` with their number; the
    /// others will be returned again.
    virtual packed_items next_packed(std::size_t size) = 0;
    virtual void packed(std::uint32_t count, std::size_t size) noexcept = 0;

    /// Begins a result of any size: write it to the encoder, then call `end_value`. If writing throws, call
    /// `abandon_value` and store an exception.
    virtual encoder& begin_value(std::uint32_t item) = 0;
    virtual void end_value() = 0;
    virtual void abandon_value() = 0;

    /// Stores an exception as the outcome of the item.
    virtual void failed(std::uint32_t item, const std::exception_ptr& why) = 0;

    /// Null, unless a saved call is run again.
    replay_log* replayed() const noexcept { return replayed_; }

  protected:
    frame_context() = default;
    explicit frame_context(replay_log& replayed) noexcept : replayed_(&replayed) {}
    frame_context(const frame_context&) = default;
    frame_context& operator=(const frame_context&) = default;
    ~frame_context() = default;

  private:
    replay_log* replayed_ = nullptr;
};

/// Runs the items of a frame. A worker identifies a call's task by the position of this function in its
/// module: tasks with the same name in different files are different functions.
using task_runner = void (*)(frame_context&);

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_FRAME_RUN_HPP
#define PROCPOOL_DETAIL_FRAME_RUN_HPP

#include <procpool/encoder.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>

namespace procpool::detail {

/// Items that have been claimed together, and where their values go, which have a fixed size and are packed.
struct packed_items {
    std::uint32_t first = 0;
    std::uint32_t count = 0; // 0: there are no more
    std::byte* room = nullptr;
    std::atomic<std::uint64_t>* running = nullptr; // says which item runs, from `first_running` on
    std::uint64_t first_running = 0;
    std::atomic<std::uint64_t>* complete = nullptr; // says how many are, above `complete_before`
    std::uint64_t complete_before = 0;
    const std::atomic<bool>* interrupted = nullptr;

    /// Before the `index`-th runs. False: it must not, before `next_packed` has given it again.
    bool begin(std::uint32_t index) const noexcept {
        running->store(first_running + index, std::memory_order_relaxed);
        // Who interrupts has a fence for both: see claimed_items.
        std::atomic_signal_fence(std::memory_order_seq_cst);
        return !interrupted->load(std::memory_order_relaxed);
    }
    /// Its value is there: the process may die at any point.
    void end(std::uint32_t index) const noexcept {
        complete->store(complete_before + index + 1, std::memory_order_release);
    }
};

/// A frame while a worker runs it: where a task's runner gets items from and leaves what became of them.
///
/// For every item that `next` or `next_packed` gives, the runner leaves exactly one value or exception, in
/// the order of the items: before it asks again, unless the job `gathers` (job.hpp).
class frame_run {
  public:
    /// The function object, and the arguments of all items one behind the other.
    virtual std::span<const std::byte> function() const noexcept = 0;
    virtual std::span<const std::byte> arguments() const noexcept = 0;

    /// Claims the next item; items come in order. False: there are no more, or the parent took them back.
    virtual bool next(std::uint32_t& item) = 0;

    /// Is there a limit to the time that an item may take? Then its outcome is to be left at once.
    virtual bool timed() const noexcept = 0;

    /// The same for several items, whose results are packed and of `size` bytes, which may be 0. When as many
    /// as can be have ended with a value, one after the other, call `packed` with their number; the others
    /// will be given again.
    virtual packed_items next_packed(std::size_t size) = 0;
    virtual void packed(std::uint32_t count, std::size_t size) noexcept = 0;

    /// A result of any size: write it to the encoder, then call `end_value`. Writing may throw; then call
    /// `abandon_value` and leave an exception.
    virtual encoder& begin_value(std::uint32_t item) = 0;
    virtual void end_value() = 0;
    virtual void abandon_value() = 0;

    /// The item ended in an exception.
    virtual void failed(std::uint32_t item, const std::exception_ptr& why) = 0;

  protected:
    ~frame_run() = default;
};

/// Runs the items of a frame. Its place in its module is what a call's task is known by in a worker: tasks of
/// one name in different files are different functions.
using task_runner = void (*)(frame_run&);

} // namespace procpool::detail

#endif

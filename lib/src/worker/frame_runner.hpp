// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_FRAME_RUNNER_HPP
#define PROCPOOL_WORKER_FRAME_RUNNER_HPP

#include "channel/requests.hpp"
#include "channel/responses.hpp"
#include "task/running_task.hpp"
#include "worker/printed_output.hpp"
#include "worker/running_item.hpp"
#include "worker/task_finder.hpp"

#include <procpool/detail/run/frame_context.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

// Very short items are claimed together, since a claim takes longer than such an item. If one of them turns
// out to be long, the items after it would have to wait for it, without end if it waits for one of them. So
// the parent may ask for them by a message to the listening thread, which gives back the items that have not
// started.
//
// The thread that runs items records which item starts, and then checks whether it was interrupted. The
// listening thread interrupts it, and then checks which item has started. Between these steps, the thread
// that runs items has no fence, because it takes these steps for every item; the listening thread has a fence
// for both (os::process_fence). So either the listening thread sees that the item has started, and leaves it,
// or the other thread sees that it was interrupted, and checks again which items are still its own. Where the
// system has no such fence, items are claimed one by one. If a task forbids the system call later, the
// listening thread gives nothing back; the thread that runs items does so itself before the next item, and
// claims one by one from then on.

namespace procpool::serving {

/// The items of the current frame that are claimed and not started.
///
/// Thread safety: the thread that runs items, except `connect`, `unclaim`.
class claimed_items {
  public:
    /// Maximum number of items that are claimed together.
    static constexpr std::uint32_t most = 256;

    static claimed_items& instance();

    /// Sets the memory that the parent sees, and the writer that wakes it. Called before any frame.
    ///
    /// Thread safety: any thread.
    void connect(channel::control& shared, const channel::response_writer& to);

    /// Requires: no items of the previous frame are left.
    void begin_frame(const channel::frame& frame) noexcept { frame_ = &frame; }

    bool empty() const noexcept { return first_ == end_; }
    std::uint32_t first() const noexcept { return first_; }
    std::uint32_t size() const noexcept { return end_ - first_; }
    bool may_be_several() const noexcept { return may_be_several_.load(std::memory_order_relaxed); }

    /// Claims up to `at_most` items. False: none are left, and the frame may end. Requires: empty.
    bool claim(std::uint32_t at_most);

    /// Starts the first claimed item. False: none is left.
    bool begin_first() {
        running_->begin(channel::item_id(frame_->sequence, first_));
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (interrupted_.load(std::memory_order_relaxed)) [[unlikely]]
            look_again();
        if (empty())
            return false;
        ++first_;
        return true;
    }
    /// Likewise for several items, by packed_items.
    void passed(std::uint32_t count) noexcept { first_ += count; }
    std::atomic<std::uint64_t>& running() noexcept { return running_->id(); }
    const std::atomic<bool>& interrupted() const noexcept { return interrupted_; }
    /// Makes the next item start only after `look_again`.
    void interrupt() noexcept { interrupted_.store(true, std::memory_order_relaxed); }
    void look_again();

    /// Gives back the items that have not started, if they belong to this frame (a channel::frame_id), and
    /// wakes the parent.
    ///
    /// Thread safety: any thread.
    void unclaim(std::uint64_t frame);

  private:
    claimed_items();
    void give_back_own();
    void tell_parent() noexcept;

    // Used by the thread that runs items.
    running_item* running_;
    const channel::frame* frame_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t end_ = 0;
    bool may_be_given_back_ = false; // last known state of `until_`
    // Used by both threads.
    std::atomic<bool> may_be_several_;
    std::atomic<bool> interrupted_{false};
    std::mutex mutex_;
    std::atomic<std::uint64_t>* word_ = nullptr;
    std::uint64_t until_ = 0; // item_id after the last claimed one; 0: nothing may be given back
    channel::control* control_ = nullptr;
    const channel::response_writer* parent_ = nullptr;
};

/// Runs frames one after the other: claims items before they start, and publishes results at the end of a
/// frame, after some time, or when there is no more room.
///
/// Items that have recently been very short are claimed together: see claimed_items.
///
/// Thread safety: one thread.
class frame_runner final : public detail::frame_context, public running_task {
  public:
    frame_runner(channel::control& shared, channel::response_writer& responses, task_finder& tasks) noexcept
        : control_(&shared)
        , responses_(&responses)
        , tasks_(&tasks)
        , claimed_(&claimed_items::instance()) {
        resume(); // the first item may already be there, so that the worker does not wait for it
    }
    ~frame_runner() = default;

    /// What the items print is passed on before their results.
    void print_to(printed_output& output) noexcept { printed_ = &output; }
    /// Runs the remaining items of `frame`, and publishes their results; the caller must wake the parent when
    /// the frame has been passed. Time is measured from `resume`, or from the previous frame.
    void run(const channel::frame& frame);

    /// Sets pool_options::seed, from which `seed` is made together with an item's number.
    static void set_seed(std::uint64_t seed) noexcept;

    std::stop_token stop_token() override;
    std::uint64_t seed() const noexcept override;
    void report(double fraction) noexcept override {
        control_->reported.store(fraction, std::memory_order_relaxed);
        has_reported_ = true;
        claimed_->interrupt();
    }

    /// The worker has waited: the time until now is not counted for any item.
    void resume() noexcept;

  private:
    using clock = channel::response_writer::clock;

    std::span<const std::byte> function() const noexcept override { return frame_->function; }
    std::span<const std::byte> arguments() const noexcept override { return frame_->arguments; }
    bool next(std::uint32_t& item) override;
    bool timed() const noexcept override { return frame_->timed; }
    detail::packed_items next_packed(std::size_t size) override;
    void packed(std::uint32_t count, std::size_t size) noexcept override;
    encoder& begin_value(std::uint32_t item) override { return responses_->begin_value(item); }
    void end_value() override {
        if (printed_ != nullptr) [[unlikely]]
            printed_->pass_on(); // a big value is published at once
        responses_->end_value();
    }
    void abandon_value() override { responses_->abandon_value(); }
    void failed(std::uint32_t item, const std::exception_ptr& why) override;

    bool have_claimed();
    std::uint32_t measure();
    void looked(clock::time_point now) noexcept;
    void prepare_item(std::uint32_t item);
    void begin_timed_item(std::uint64_t id) noexcept;
    void publish_last();

    channel::control* control_;
    channel::response_writer* responses_;
    printed_output* printed_ = nullptr; // null: the parent does not read it
    task_finder* tasks_;
    claimed_items* claimed_;
    const channel::frame* frame_ = nullptr;
    std::uint32_t batch_ = 1;  // number of items in the last claim
    clock::time_point look_{}; // last reading of the clock
    std::uint32_t begun_since_look_ = 0;
    bool has_reported_ = false; // the reported progress is of an earlier item
};

} // namespace procpool::serving

#endif

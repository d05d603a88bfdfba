// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_CLAIMED_ITEMS_HPP
#define PROCPOOL_WORKER_CLAIMED_ITEMS_HPP

#include "channel/request_reader.hpp"
#include "channel/response_writer.hpp"
#include "worker/running_item.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

// Items that are very short are claimed together, since a claim takes longer than such an item. If one of
// them turns out to be long, those behind it would have to wait for it, and for ever if it waits for them. So
// the parent may ask for them, by a message to the thread that listens to it, and that thread gives back what
// has not begun.
//
// The thread that runs items notes which one begins, and then looks whether it has been interrupted. The
// listening thread interrupts it, and then looks which item has begun. In between, the one that does this all
// the time has no fence, and the other one has a fence for both (os::process_fence): so either the listening
// thread sees that the item has begun, and leaves it, or the other one sees that it is interrupted, and looks
// again at what is still its own. Where there is no such fence, items are claimed one by one. If there is
// none any more, since a task has forbidden the system call, the listening thread gives nothing back; the
// thread that runs items does so itself before the next one, and claims one by one from then on.

namespace procpool::serving {

/// The items of the frame that runs which have been claimed and not begun.
/// Thread safety: the thread that runs items, except `connect`, `give_back`.
class claimed_items {
  public:
    /// No more than this many are claimed together.
    static constexpr std::uint32_t most = 256;

    static claimed_items& instance();

    /// What the parent sees and is woken by. Before any frame. Thread safety: any.
    void connect(channel::control& shared, const channel::response_writer& to);

    /// Requires: none are left of the frame before.
    void begin_frame(const channel::frame& frame) noexcept { frame_ = &frame; }

    bool empty() const noexcept { return first_ == end_; }
    std::uint32_t first() const noexcept { return first_; }
    std::uint32_t size() const noexcept { return end_ - first_; }
    bool may_be_several() const noexcept { return may_be_several_.load(std::memory_order_relaxed); }

    /// Claims up to `at_most`. False: there are no more, and the frame may end. Requires: empty.
    bool claim(std::uint32_t at_most);

    /// The first of them begins. False: there is none any more.
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
    /// Likewise for several, by packed_items.
    void passed(std::uint32_t count) noexcept { first_ += count; }
    std::atomic<std::uint64_t>& running() noexcept { return running_->id(); }
    const std::atomic<bool>& interrupted() const noexcept { return interrupted_; }
    /// The next item that is to begin is to do so after `look_again`.
    void interrupt() noexcept { interrupted_.store(true, std::memory_order_relaxed); }
    void look_again();

    /// Gives back what has not begun, if it is of this frame (a channel::frame_id), and wakes the parent.
    /// Thread safety: any.
    void give_back(std::uint64_t frame);

  private:
    claimed_items();
    void give_back_own();
    void tell_parent() noexcept;

    // Of the thread that runs items.
    running_item* running_;
    const channel::frame* frame_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t end_ = 0;
    bool may_be_given_back_ = false; // what `until_` says, as far as it is known here
    // Of both.
    std::atomic<bool> may_be_several_;
    std::atomic<bool> interrupted_{false};
    std::mutex mutex_;
    std::atomic<std::uint64_t>* word_ = nullptr;
    std::uint64_t until_ = 0; // item_id behind the last claimed one; 0: nothing may be given back
    channel::control* control_ = nullptr;
    const channel::response_writer* parent_ = nullptr;
};

} // namespace procpool::serving

#endif

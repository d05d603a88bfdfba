// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_RUNNING_ITEM_HPP
#define PROCPOOL_WORKER_RUNNING_ITEM_HPP

#include "channel/layout.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace procpool::serving {

/// Calls the stop callbacks of a task in a separate thread, where they may block.
void stop_in_thread_of_its_own(std::stop_source source);

/// The item that the worker runs, and whether it has been asked to stop: the implementation of this_task.
///
/// For an item that uses none of this, only its id is recorded.
///
/// Thread safety: `begin` and `end_frame` by the thread that runs tasks; the rest by any thread.
class running_item {
  public:
    /// `stop` requests the stop of a source, which may have no state.
    explicit running_item(void (*stop)(std::stop_source) = stop_in_thread_of_its_own) noexcept
        : stop_(stop) {}

    static running_item& instance();

    void begin(std::uint64_t id) noexcept { id_.store(id, std::memory_order_relaxed); }
    /// Whether this item runs, or one of the frame if the id is a frame's.
    bool runs(std::uint64_t id) const noexcept {
        const auto running = id_.load(std::memory_order_relaxed);
        return running != 0 && (running == id || channel::frame_of(running) == id);
    }
    /// The word in which `begin` records the id.
    std::atomic<std::uint64_t>& id() noexcept { return id_; }
    /// A frame (a channel::frame_id) has ended. Stored ids of it and of earlier frames are cleared: ids are
    /// reused.
    void end_frame(std::uint64_t frame) noexcept {
        id_.store(0, std::memory_order_relaxed);
        if (remembers_.load(std::memory_order_relaxed)) [[unlikely]]
            forget(frame);
    }

    /// The token of the running item. Requires: called by its thread.
    std::stop_token stop_token();

    /// Asks one item to stop, or all items of a frame if the id is a frame's. It has no effect on an item
    /// that has ended, and takes effect later for one that has not started. Stop callbacks are called in
    /// another thread.
    void request_stop(std::uint64_t id);
    enum class heard { by_task, by_none, nothing_runs };
    /// Asks the running item to stop. A task that has never requested a stop token will not notice.
    heard request_stop_of_all();
    bool stop_of_all_was_requested();

  private:
    bool is_wanted(std::uint64_t id) const noexcept {
        return stop_all_ || (stop_id_ != 0 && (id == stop_id_ || channel::frame_of(id) == stop_id_));
    }
    void forget(std::uint64_t frame) noexcept;

    void (*stop_)(std::stop_source);
    std::atomic<std::uint64_t> id_{0};
    std::atomic<bool> remembers_{false}; // one of the ids below is not 0
    std::mutex mutex_;
    std::stop_source source_{std::nostopstate};
    std::uint64_t source_id_ = 0; // the item that `source_` was made for
    std::uint64_t stop_id_ = 0;   // asked to stop last
    bool stop_all_ = false;
};

} // namespace procpool::serving

#endif

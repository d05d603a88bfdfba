// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LINK_WORKER_LINK_HPP
#define PROCPOOL_LINK_WORKER_LINK_HPP

#include "call/item_bytes.hpp"
#include "channel/memory.hpp"
#include "channel/requests.hpp"
#include "channel/responses.hpp"
#include "channel/sleep.hpp"
#include "crash/crash_report.hpp"
#include "delivery/delivery.hpp"
#include "delivery/last_errors.hpp"
#include "os/exit_report.hpp"
#include "os/waiting.hpp"
#include "scheduler/time_limit.hpp"
#include "scheduler/work.hpp"
#include "stats/item_counts.hpp"
#include "trace/recorder.hpp"

#include <procpool/detail/call/job.hpp>

#include <boost/circular_buffer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace procpool::pooling {

inline detail::job& job_of(scheduling::call_id call) noexcept {
    return *reinterpret_cast<detail::job*>(call);
}
inline scheduling::call_id call_of(detail::job& job) noexcept {
    return reinterpret_cast<scheduling::call_id>(&job);
}

/// The parent's view of one worker's channel, with an account of the worker's items: every item is in exactly
/// one place: in flight here, in the scheduler's backlog, or settled.
///
/// It outlives the processes that use the channel one after the other.
///
/// Thread safety: under the pool's lock, except `peek`.
class worker_link {
  public:
    /// `counts`: outcomes that the worker reports are counted there.
    /// `timed`: the worker records the start of each item, not only of those with a time limit.
    /// `trace`: outcomes are recorded there, if there is one, on the track of `place`.
    ///
    /// Errors: throws boost::system::system_error if there is no descriptor for its bell, std::bad_alloc.
    worker_link(bell_set& bells, counting::item_counts& counts, bool timed = false,
                tracing::recorder* trace = nullptr, std::size_t place = 0);
    worker_link(const worker_link&) = delete;
    worker_link& operator=(const worker_link&) = delete;

    const os::doorbell& bell() const noexcept { return *bell_; }
    std::optional<long> pid() const noexcept { return connected() ? std::optional(from_.pid) : std::nullopt; }

    /// A new process has this memory; it may be given work when it is ready. `first_frame`: the number of its
    /// first frame. `restarts`: the number of processes that the worker had before.
    void connect(std::shared_ptr<const channel::channel_memory> memory, long pid,
                 std::uint64_t first_frame = 0, std::uint64_t restarts = 0);
    /// Saves calls that time out; null: does not.
    void keep_failed_calls_in(const saved_calls::call_folder* folder) noexcept { failed_calls_ = folder; }
    /// How many processes the worker had before this one, or, if none is connected, before the next one here.
    std::uint64_t restarts() const noexcept { return restarts_; }
    /// The process is gone, and its items have been handled. Returns its memory, on which `peek` may still be
    /// running.
    std::shared_ptr<const channel::channel_memory> disconnect();
    bool connected() const noexcept { return from_.memory != nullptr; }

    /// Writes items of a job into the ring. False: there is no room now, or the link is marked_for_kill.
    bool give(scheduling::work what);

    /// Takes up to `items` unclaimed items back that are not pinned, the newest first, except items of a lower
    /// priority than `at_least`.
    ///
    /// Errors: all functions that return `taken` throw std::bad_alloc; then nothing has changed.
    struct taken {
        std::vector<scheduling::work> what; // in the order of submission
        std::uint32_t frames = 0;           // frames completely gone from here
    };
    taken take_back(std::uint32_t items, int at_least = scheduling::lowest_priority);
    /// Takes back all unclaimed items of work for which `wanted` is true.
    taken take_back_if_unclaimed(const std::function<bool(const scheduling::work&)>& wanted);
    /// Whether the first item without an outcome has a lower priority than `priority`.
    bool current_is_lower(int priority) const noexcept {
        return !in_flight_.empty() && in_flight_.front().what.priority < priority;
    }
    /// Called when nothing could be taken back. If the reason is that the worker has claimed several items of
    /// one frame, returns its channel::frame_id, to ask the worker for them; unless it was asked before, and
    /// since then no item of the frame got an outcome and no item was given back. From now on `peek` is true
    /// when items are given back.
    std::optional<std::uint64_t> watch_claims();
    /// Called when the worker refused a frame and has nothing to finish: watches for more room from now on,
    /// which `peek` shows. Returns whether there is room already, because the last frame was refused for want of
    /// memory for this account, which is empty now. Does nothing if the process is to be killed.
    [[nodiscard]] bool watch_room() noexcept;
    /// Whether the watched word has changed since watching began. If so, watching ends.
    bool watched_has_changed() noexcept;

    /// If the first item without an outcome belongs to work for which `wanted` is true, cancels it: a later
    /// outcome is ignored. Returns its channel::item_id.
    std::optional<std::uint64_t> cancel_current(const std::function<bool(const scheduling::work&)>& wanted);

    /// Reads all available records, and adds to `done`.
    ///
    /// Errors: throws std::bad_alloc; then `out` and `done` have the records read so far, and the others are
    ///         still unread.
    struct progress {
        std::uint32_t frames = 0; // frames completely gone from here
        std::uint32_t items = 0;
        std::uint64_t nanoseconds = 0;         // recent duration of an item; 0: unknown
        std::vector<scheduling::work> again{}; // that timed out and may be retried
        bool hook = false;                     // the initializer or the finalizer has its outcome
    };
    void drain(delivery& out, progress& done);
    /// Whether the worker wrote invalid data; then it must be killed.
    bool damaged() const noexcept { return damaged_; }

    /// Called when the process is dead: reads its remaining records, as `drain` does.
    void drain_last(delivery& out, progress& done);
    /// The items without an outcome after that.
    struct leftovers {
        std::vector<scheduling::work> lost;    // started items: one, unless it wrote invalid data
        bool timed_out = false;                // the first of them was to be stopped
        std::vector<scheduling::work> unbegun; // in the order of submission
    };
    /// Errors: throws std::bad_alloc.
    leftovers left() const;
    /// Clears the account: another part of the pool now has the items without an outcome.
    void clear() noexcept { in_flight_.clear(); }
    /// Removes the first piece of work without an outcome from the account; it must not start any more.
    std::optional<scheduling::work> abandon_one() noexcept;

    std::size_t frames() const noexcept { return in_flight_.size(); }
    /// The number of pieces into which the awaited late item may be split when it is run again.
    std::size_t late_pieces() const noexcept;

    /// Whether the worker has begun an item whose outcome it has not published, or not read here. Initializers
    /// do not count.
    bool runs_an_item() const noexcept;
    /// The first item without an outcome; nullopt if there is none.
    std::optional<scheduling::time_limit::item> current() const noexcept;
    /// That item has been asked to stop because of its time-out: any outcome of it becomes a time-out.
    void current_timed_out() noexcept;
    scheduling::time_limit& limit() noexcept { return limit_; }
    /// Whether there is an unread record.
    bool anything_unread() const noexcept {
        return head_.load(std::memory_order_acquire)->load(std::memory_order_acquire) !=
               consumed_.load(std::memory_order_relaxed);
    }
    /// The process is going to be killed: it gets no more work.
    void mark_for_kill() noexcept { marked_for_kill_ = true; }
    bool marked_for_kill() const noexcept { return marked_for_kill_; }
    /// Whether the clock must be watched because of this worker.
    bool watched() const noexcept {
        return limit_.next_look() ||
               (!in_flight_.empty() && job_of(in_flight_.front().what.call).timeout.count() > 0);
    }
    /// When the first item without an outcome began, in nanoseconds of the steady clock, or a little earlier;
    /// 0: there is none. The worker may have written any number.
    std::int64_t current_began() const noexcept;
    /// Has the trace, if there is one, show the item that runs, which gets its outcome later.
    void trace_current(tracing::outcome how) const noexcept;
    /// The value of this_task::report of the running item.
    double reported() const noexcept;
    /// The item that runs, or is about to; nullopt: none, or an initializer.
    struct running_item {
        const detail::job* of;
        std::chrono::nanoseconds running_for;
    };
    std::optional<running_item> running(scheduling::time_limit::time now) const noexcept;

    /// The item whose start the worker has recorded last, if it has no outcome here, initializers included.
    ///
    /// Requires: the link was made with `timed`.
    struct recorded_item {
        const detail::job* of;
        std::uint32_t item;
    };
    std::optional<recorded_item> recorded() const noexcept;
    /// Where an item (a channel::item_id) was when the worker was asked to stop it; empty if that is not known.
    std::vector<code_place> stopped_at(std::uint64_t id) const noexcept;
    /// Likewise, for the first item without an outcome.
    std::vector<code_place> current_stopped_at() const noexcept;
    /// The memory of the connected process; null if there is none.
    const std::shared_ptr<const channel::channel_memory>& memory() const noexcept { return from_.memory; }
    /// What the process writes to standard error is read, and its end stands in time-outs.
    void set_printed(std::shared_ptr<const last_errors> errors) noexcept { printed_ = std::move(errors); }
    const std::shared_ptr<const last_errors>& printed() const noexcept { return printed_; }

    // Sleeping and waking of the parent and the worker.
    void parent_sleeps(channel::sleep how) noexcept;
    void parent_woke() noexcept;
    /// Rings the worker's doorbell through `out`, if the worker sleeps.
    void wake(delivery& out) noexcept;
    /// Likewise, if it has been given work since.
    void wake_if_given(delivery& out) noexcept {
        if (std::exchange(given_, false))
            wake(out);
    }
    /// Asks the worker to exit when no work is left.
    void request_exit(delivery& out) noexcept;

    /// Whether there is something to drain.
    ///
    /// Thread safety: the collecting thread; see supervisor.
    bool peek() const noexcept { return anything_unread() || sees_a_change(); }

  private:
    /// A frame that was given to the worker: its items [done, end) have no outcome yet.
    struct frame {
        scheduling::work what;
        std::uint64_t sequence = 0;
        std::uint32_t done = 0;
        std::uint32_t end = 0;
    };

    bool sees_a_change() const noexcept {
        return watched_.load(std::memory_order_acquire)->load(std::memory_order_relaxed) !=
               watched_value_.load(std::memory_order_relaxed);
    }
    void watch(const std::atomic<std::uint64_t>& word, std::uint64_t seen) noexcept;
    void stop_watching() noexcept;
    void forget_current() noexcept;
    bool grow() noexcept;
    void pass_read(delivery& out) noexcept;
    void give_up() noexcept;
    void stop_peeking() noexcept;
    taken take_back_if(std::uint32_t items, const std::function<bool(const scheduling::work&)>& wanted);
    bool settle(const channel::record& record, delivery& out, progress& done);
    void pass_on(const frame& of, const channel::record& record, delivery& out, progress& done);
    void pass_on_late(const frame& of, const channel::record& record, delivery& out, progress& done);

    bell_set* bells_;
    counting::item_counts* counts_;
    tracing::recorder* trace_; // null: none
    std::size_t place_;
    const os::doorbell* bell_;
    const std::uint64_t always_timed_; // timed_mark, or 0
    origin from_;
    std::shared_ptr<const last_errors> printed_; // null: it is not read
    std::uint64_t restarts_ = 0;
    const saved_calls::call_folder* failed_calls_ = nullptr;
    std::optional<channel::request_writer> requests_;
    std::optional<channel::response_reader> responses_;
    boost::circular_buffer<frame> in_flight_; // grows while there is memory
    scheduling::time_limit limit_;
    std::uint64_t timed_out_ = 0; // a channel::item_id
    bool damaged_ = false;
    bool marked_for_kill_ = false;
    bool given_ = false;
    bool lacked_memory_ = false; // when a frame was refused last
    // For `peek`: the word in which the worker publishes its position, and the position up to which it was
    // read.
    std::atomic<const std::atomic<std::uint64_t>*> head_{&nothing_};
    std::atomic<std::uint64_t> consumed_{0};
    // The watched word, which counts items that were given back or shows room, and its value when watching
    // began; and the frame that the worker was asked for then.
    std::atomic<const std::atomic<std::uint64_t>*> watched_{&nothing_};
    std::atomic<std::uint64_t> watched_value_{0};
    std::uint64_t asked_sequence_ = 0;
    std::uint32_t asked_done_ = 0;
    static inline const std::atomic<std::uint64_t> nothing_{0};
};

/// The links of all places of a pool. The table only grows, while collecting threads read it.
///
/// Thread safety: under the pool's lock, except `peek`, which any thread may call.
class link_table {
  public:
    using links = std::vector<worker_link*>;

    /// See worker_link.
    link_table(bell_set& bells, counting::item_counts& counts, bool timed = false,
               tracing::recorder* trace = nullptr)
        : bells_(&bells)
        , counts_(&counts)
        , timed_(timed)
        , trace_(trace) {}

    std::size_t size() const noexcept { return owned_.size(); }
    worker_link& operator[](std::size_t place) const noexcept { return *owned_[place]; }
    links::const_iterator begin() const noexcept { return current()->begin(); }
    links::const_iterator end() const noexcept { return current()->end(); }

    /// Errors: throws boost::system::system_error if there is no descriptor for a doorbell, std::bad_alloc;
    ///         then nothing has changed.
    void grow_to(std::size_t places) {
        if (places <= size())
            return;
        struct without_more {
            bell_set& bells;
            const std::size_t before = bells.size();
            bool happens = true;
            ~without_more() {
                if (happens)
                    bells.shrink_to(before);
            }
        } unless_it_grows{*bells_};
        std::vector<std::unique_ptr<worker_link>> more;
        auto grown = std::make_unique<links>();
        grown->reserve(places);
        for (const auto& each : owned_)
            grown->push_back(each.get());
        while (grown->size() < places) {
            more.push_back(std::make_unique<worker_link>(*bells_, *counts_, timed_, trace_, grown->size()));
            grown->push_back(more.back().get());
        }
        owned_.reserve(grown->size());
        generations_.reserve(generations_.size() + 1);
        // Nothing below can fail.
        unless_it_grows.happens = false;
        std::move(more.begin(), more.end(), std::back_inserter(owned_));
        current_.store(grown.get(), std::memory_order_release);
        generations_.push_back(std::move(grown));
    }

    /// Removes all links. Requires: no thread looks at them.
    void clear() noexcept {
        current_.store(&none_, std::memory_order_release);
        generations_.clear();
        owned_.clear();
    }

    /// Whether any link has something to drain.
    bool peek() const noexcept {
        const auto& all = *current();
        return std::any_of(all.begin(), all.end(), [](const auto* link) { return link->peek(); });
    }

  private:
    const links* current() const noexcept { return current_.load(std::memory_order_acquire); }

    bell_set* bells_;
    counting::item_counts* counts_;
    bool timed_;
    tracing::recorder* trace_;
    std::vector<std::unique_ptr<worker_link>> owned_{};
    std::vector<std::unique_ptr<const links>> generations_{}; // all: a thread may still read an old one
    const links none_{};
    std::atomic<const links*> current_{&none_};
};

} // namespace procpool::pooling

#endif

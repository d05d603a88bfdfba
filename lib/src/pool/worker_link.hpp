// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_WORKER_LINK_HPP
#define PROCPOOL_POOL_WORKER_LINK_HPP

#include "channel/memory.hpp"
#include "channel/request_writer.hpp"
#include "channel/response_reader.hpp"
#include "channel/sleep_word.hpp"
#include "os/doorbell.hpp"
#include "os/exit_report.hpp"
#include "pool/delivery.hpp"
#include "scheduler/time_limit.hpp"
#include "scheduler/work.hpp"

#include <procpool/detail/job.hpp>

#include <boost/circular_buffer.hpp>

#include <cstdint>
#include <functional>
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

/// Takes one retry of an item, if there is one left, and memory to count it.
bool may_retry(detail::job& job, std::uint32_t item) noexcept;

/// One worker's channel as the parent uses it, with an account of what the worker has: every item is in
/// exactly one place, in flight here, in the scheduler's backlog, or settled.
///
/// It outlives the processes that come and go behind it.
/// Thread safety: under the pool's lock, except `peek`.
class worker_link {
  public:
    worker_link();
    worker_link(const worker_link&) = delete;
    worker_link& operator=(const worker_link&) = delete;

    const os::doorbell& bell() const noexcept { return bell_; }
    long pid() const noexcept { return from_.pid; }

    /// A new process has this memory; it may be given work when it is ready.
    /// `first_frame`: its number.
    void connect(std::shared_ptr<const channel::channel_memory> memory, long pid,
                 std::uint64_t first_frame = 0);
    /// The process is gone, and what it left has been seen to. Returns its memory, which may still be peeked
    /// at.
    std::shared_ptr<const channel::channel_memory> disconnect();
    bool connected() const noexcept { return from_.memory != nullptr; }

    /// Writes items of a job into the ring. False: there is no room now, or it is condemned.
    bool give(scheduling::work what);

    /// Takes up to `items` unclaimed items back that are not pinned, the newest first.
    /// Errors of all that return it: throws std::bad_alloc; then nothing has changed.
    struct taken {
        std::vector<scheduling::work> what; // in the order of submission
        std::uint32_t frames = 0;           // that are gone from here whole
    };
    taken take_back(std::uint32_t items);
    /// Takes all unclaimed items of such work back.
    taken take_back_if_unclaimed(const std::function<bool(const scheduling::work&)>& wanted);
    /// Nothing could be taken back. If that is because the worker has claimed several items of one frame:
    /// returns its channel::frame_id, to ask for them, unless that was done and since then no item of the
    /// frame got an outcome and nothing was given back. From now on `peek` tells when something is.
    std::optional<std::uint64_t> watch_claims();
    /// It refused a frame, and has nothing that it could finish: watches from now on whether there is more
    /// room, of which `peek` tells. Nothing to watch if the process is to be ended.
    void watch_room() noexcept;
    /// Is what is watched no longer as it was when watching began? Then it ends.
    bool watched_has_changed() noexcept;

    /// If the first item that has no outcome is of such work, and remains after that: nothing that it still
    /// yields counts. Returns its channel::item_id.
    std::optional<std::uint64_t> cancel_current(const std::function<bool(const scheduling::work&)>& wanted);

    /// Reads every record that is there, and adds to `done`.
    /// Errors: throws std::bad_alloc; then `out` and `done` have what was read, and the rest is still there.
    struct progress {
        std::uint32_t frames = 0; // that are gone from here whole
        std::uint32_t items = 0;
        std::uint64_t nanoseconds = 0;         // that an item took lately; 0: not known
        std::vector<scheduling::work> again{}; // that timed out and may be retried
    };
    void drain(delivery& out, progress& done);
    /// What the worker wrote makes no sense; it must be ended.
    bool damaged() const noexcept { return damaged_; }

    /// Once the process is dead: reads what it left, as `drain` does.
    void drain_last(delivery& out, progress& done);
    /// After that: what has no outcome.
    struct remains {
        std::vector<scheduling::work> lost;    // what it had begun: one item, unless it wrote nonsense
        bool timed_out = false;                // the first of them was to be ended
        std::vector<scheduling::work> unbegun; // in the order of submission
    };
    /// Errors: throws std::bad_alloc.
    remains left() const;
    /// Clears the account: what had no outcome is somebody else's.
    void clear() noexcept { in_flight_.clear(); }
    /// Takes the first piece of what has no outcome out of the account; it is not to begin any more.
    std::optional<scheduling::work> abandon_one() noexcept;

    std::size_t frames() const noexcept { return in_flight_.size(); }
    /// Into how many pieces the late item that is still awaited may fall apart, when it is tried again.
    std::size_t late_pieces() const noexcept;

    /// The first item that has no outcome, if there is one.
    std::optional<scheduling::time_limit::item> current() const noexcept;
    /// That item has been asked to stop because its time is up: whatever becomes of it, it has timed out.
    void current_timed_out() noexcept;
    scheduling::time_limit& limit() noexcept { return limit_; }
    /// Is there a record that has not been read?
    bool anything_unread() const noexcept {
        return head_.load(std::memory_order_acquire)->load(std::memory_order_acquire) !=
               consumed_.load(std::memory_order_relaxed);
    }
    /// The process is going to be killed: it gets nothing more.
    void condemn() noexcept { condemned_ = true; }
    bool condemned() const noexcept { return condemned_; }
    /// Does anybody have to look at the clock because of this worker?
    bool watched() const noexcept {
        return limit_.next_look() ||
               (!in_flight_.empty() && job_of(in_flight_.front().what.call).timeout.count() > 0);
    }
    /// What this_task::report said of the item that runs.
    double reported() const noexcept;

    // The parent's sleep, and the worker's.
    void parent_sleeps(channel::sleep how) noexcept;
    void parent_woke() noexcept;
    /// Rings the worker's bell through `out`, if it sleeps.
    void wake(delivery& out) noexcept;
    /// Likewise, if it has been given something since.
    void wake_if_given(delivery& out) noexcept {
        if (std::exchange(given_, false))
            wake(out);
    }
    /// Asks the worker to end when there is nothing left to do.
    void say_goodbye(delivery& out) noexcept;

    /// Is there something to drain? Thread safety: the thread that collects; see supervisor.
    bool peek() const noexcept { return anything_unread() || sees_a_change(); }

  private:
    /// A frame that was given: its items [done, end) have no outcome yet.
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

    os::doorbell bell_;
    origin from_;
    std::optional<channel::request_writer> requests_;
    std::optional<channel::response_reader> responses_;
    boost::circular_buffer<frame> in_flight_; // grows as far as there is memory
    scheduling::time_limit limit_;
    std::uint64_t timed_out_ = 0; // a channel::item_id
    bool damaged_ = false;
    bool condemned_ = false;
    bool given_ = false;
    // For `peek`: where the worker publishes, and up to where it was read.
    std::atomic<const std::atomic<std::uint64_t>*> head_{&nothing_};
    std::atomic<std::uint64_t> consumed_{0};
    // A word that counts what was given back, or one that tells of room, and what stood there. And what was
    // asked for then.
    std::atomic<const std::atomic<std::uint64_t>*> watched_{&nothing_};
    std::atomic<std::uint64_t> watched_value_{0};
    std::uint64_t asked_sequence_ = 0;
    std::uint32_t asked_done_ = 0;
    static inline const std::atomic<std::uint64_t> nothing_{0};
};

} // namespace procpool::pooling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_SCHEDULER_HPP
#define PROCPOOL_SCHEDULER_SCHEDULER_HPP

#include "scheduler/window.hpp"
#include "scheduler/work.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace procpool::scheduling {

/// What the owner of a scheduler is to do next.
enum class action_kind {
    none,      // nothing until the next event
    give,      // write `what` to `worker`; then nothing, or `refused`
    take_back, // take up to `items` unclaimed items back from `worker`; then `took_back`
    start,     // start a process for `worker`; then `started` or `died`
    stop,      // ask `worker` to end once it has nothing left to do; then `died`
    give_up,   // `what` will never run, since no worker can be started
};

struct action {
    action_kind kind = action_kind::none;
    std::size_t worker = 0;
    work what{};
    std::uint32_t items = 0;
};

/// Decides which task goes to which worker, and when a process is started or stopped.
///
/// A pure function of events: the owner reports what happened, then carries out what `next` says until it
/// says `none`. It has no clock, thread, descriptor or lock, and does not know what a call is.
///
/// Invariants:
///   * work is given in the order of submission; what comes back from a worker goes to the front again;
///   * no work waits behind another in a worker while another worker is idle, as far as it can be taken back;
///   * a process that cannot be started, or dies before it has finished anything, is tried again
///     `start_attempts` times in a row and no more.
///
/// Thread safety: one thread at a time.
/// Complexity:    O(workers) per action.
class scheduler {
  public:
    static constexpr unsigned start_attempts = 3;

    /// All workers are absent, and will be started.
    ///
    /// With a limit of items a process, each worker has two places, `worker` and `worker` + `workers`, that
    /// take turns: when one has been given its last item the other is started, and it is given work when the
    /// first has finished.
    explicit scheduler(std::size_t workers, std::optional<std::size_t> items_per_process = std::nullopt);

    // Events.

    void submitted(work what) { backlog_.push_back(what); }
    /// Work that a worker had begun is to be begun again.
    void resubmitted(work what) { backlog_.push_front(what); }
    /// `worker` had no room for `what`: it gets nothing until it has finished something, or may have room.
    void refused(std::size_t worker, work what);
    void may_have_room(std::size_t worker) noexcept { workers_[worker].full = false; }
    void started(std::size_t worker);
    /// `items` items of `worker` have their outcome, and `frames` frames have no item left; `nanoseconds` is
    /// how long an item took lately, 0 if not measured.
    void finished(std::size_t worker, std::uint32_t frames, std::uint32_t items, std::uint64_t nanoseconds);
    /// What `worker` has not begun is not wanted any more and was taken back; `frames` frames are gone from
    /// it whole.
    void gave_back(std::size_t worker, const std::vector<work>& what, std::uint32_t frames);
    /// The answer to `take_back`: `frames` frames are gone from `worker` whole. No work: all was claimed.
    void took_back(std::size_t worker, const std::vector<work>& what, std::uint32_t frames);
    /// The process is gone; what it had and had not begun comes back as `unbegun`, in order. `could_work`: it
    /// died of a task or during one, or was killed by somebody.
    void died(std::size_t worker, const std::vector<work>& unbegun, bool could_work);
    /// Work that is not wanted any more leaves the backlog; returns it.
    std::vector<work> withdrawn(const std::function<bool(const work&)>& unwanted);
    /// Nothing is spent on waiting any more: whoever reports this is about to sleep. What looked too short to
    /// be worth taking back may be taken back now.
    void quiet();
    /// No more work will be submitted; workers end when there is nothing left to do.
    void close() { closing_ = true; }
    /// Everything is abandoned: returns the backlog, gives nothing more, starts nothing more.
    std::vector<work> terminate();

    // Decisions.

    action next();

    // What it knows.

    /// Places of processes.
    std::size_t size() const noexcept { return workers_.size(); }
    bool ready(std::size_t worker) const noexcept { return workers_[worker].state == worker_state::ready; }
    std::uint32_t frames(std::size_t worker) const noexcept { return workers_[worker].frames; }
    std::uint64_t items_done(std::size_t worker) const noexcept { return workers_[worker].items_done; }
    /// It refused work, and has nothing to finish: all was taken back before it came to it. Nobody will say
    /// that it has room again.
    bool is_full_of_nothing(std::size_t worker) const noexcept {
        return workers_[worker].full && workers_[worker].frames == 0;
    }
    bool outstanding() const noexcept { return frames_ != 0; }
    bool idle() const noexcept { return frames_ == 0 && backlog_.empty(); }
    /// Every process is gone and none will be started.
    bool ended() const noexcept;
    std::size_t backlog() const noexcept { return backlog_.size(); }

  private:
    enum class worker_state : std::uint8_t {
        absent,   // no process
        starting, // a process that is not ready yet
        ready,
        stopping, // asked to end
        given_up, // could not be started; stays absent
    };

    struct entry {
        worker_state state = worker_state::absent;
        bool full = false;        // refused work; cleared when it finishes something
        bool all_claimed = false; // had nothing to take back; cleared when it gets or finishes something
        std::uint32_t frames = 0; // given and not finished
        std::uint32_t items = 0;
        std::uint32_t looks = 0; // times that others went idle while this one made no progress
        unsigned failures = 0;   // starts in a row that came to nothing
        std::uint64_t items_done = 0;
        std::uint64_t done_since_start = 0;
        std::uint64_t may_be_given = 0; // items, to this process
        task_time time;
    };

    bool may_receive(std::size_t worker) const noexcept;
    bool is_to_start(std::size_t worker) const noexcept;
    bool is_to_stop(std::size_t worker) const noexcept;
    /// The place that takes turns with this one; itself if there is none.
    std::size_t partner(std::size_t worker) const noexcept {
        return limit_ ? (worker + workers_.size() / 2) % workers_.size() : worker;
    }
    std::size_t choose_receiver() const noexcept;
    std::size_t choose_victim(bool any_length) const noexcept;
    action give_or_take();
    action start_or_stop();

    std::optional<std::size_t> limit_; // items a process
    std::vector<entry> workers_;
    std::deque<work> backlog_;
    std::size_t frames_ = 0; // of all workers
    bool closing_ = false;
    bool terminated_ = false;
    bool quiet_ = false;
};

} // namespace procpool::scheduling

#endif

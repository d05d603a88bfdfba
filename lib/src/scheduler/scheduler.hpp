// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_SCHEDULER_HPP
#define PROCPOOL_SCHEDULER_SCHEDULER_HPP

#include "scheduler/window.hpp"
#include "scheduler/work.hpp"
#include "scheduler/work_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace procpool::scheduling {

/// What the owner of a scheduler is to do next.
enum class action_kind {
    none,      // nothing until the next event
    give,      // write `what` to `place`; then nothing, or `refused`
    take_back, // take up to `items` unclaimed items that are not pinned back from `place`; then `took_back`
    start,     // start a process for `place`; then `started` or `died`
    stop,      // ask the process at `place` to end once it has nothing left to do; then `died`
    abandon,   // end the process at `place`, which is not ready yet; then `died`, or `started` if that came
               // first
    give_up,   // `what` will never run, since no worker that might can be started
};

struct action {
    action_kind kind = action_kind::none;
    std::size_t place = 0;
    work what{};
    std::uint32_t items = 0;
};

/// Decides which task goes to which worker, and when a process is started or stopped.
///
/// A pure function of events: the owner reports what happened, then carries out what `next` says until it
/// says `none`. It has no clock, thread, descriptor or lock, and does not know what a call is.
///
/// Each worker has one place where its process is. With a limit of items a process it has two, one behind the
/// other, that take turns: when the process at one has been given its last item, the next is started at the
/// other, and is given work when the first has finished.
///
/// Invariants:
///   * work is given in the order of submission; what comes back from a worker goes to the front again;
///   * no work waits behind another in a worker while another worker is idle, as far as it can be taken back,
///     unless items are short and enough workers get on with them, of which `holds_back` tells;
///   * a process that cannot be started, or dies before it has finished anything, is tried again
///     `start_attempts` times in a row and no more.
///
/// Errors:        what throws, throws std::bad_alloc, and then nothing has changed. Whatever comes back from
/// a
///                place as it was given has had its room since it was submitted.
/// Thread safety: one thread at a time.
/// Complexity:    O(workers) per action.
class scheduler {
  public:
    static constexpr unsigned start_attempts = 3;

    /// All workers are absent, and will be started. `cpus`: that they can run on.
    explicit scheduler(std::size_t workers, std::optional<std::size_t> items_per_process = std::nullopt,
                       std::size_t cpus = std::numeric_limits<std::size_t>::max());

    // Room.

    /// Room for `pieces` pieces of work more than there are: what is going to be submitted, or to come back
    /// in more pieces than it was given in.
    void make_room(std::size_t pieces);
    /// Room for one pinned item for each of the first `workers` workers.
    void make_room_for_pinned(std::size_t workers);

    // Events.

    /// `what` is one item if it is pinned. Does not throw if room was made.
    void submitted(work what);
    /// Work that a worker had begun is to be begun again. Requires: room.
    void resubmitted(work what) noexcept { put_first({&what, 1}); }
    /// `place` had no room for `what`: it gets nothing until it has finished something, or may have room.
    void refused(std::size_t place, work what) noexcept;
    void may_have_room(std::size_t place) noexcept { places_[place].full = false; }
    void started(std::size_t place) noexcept;
    /// `items` items of `place` have their outcome, and `frames` frames have no item left; `nanoseconds` is
    /// how long an item took lately, 0 if not measured.
    void finished(std::size_t place, std::uint32_t frames, std::uint32_t items,
                  std::uint64_t nanoseconds) noexcept;
    /// What `place` has not begun is not wanted any more and was taken back; `frames` frames are gone from
    /// it whole.
    void gave_back(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept;
    /// The answer to `take_back`: `frames` frames are gone from `place` whole. No work: all was claimed. Also
    /// without having been asked.
    void took_back(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept;
    /// What had been claimed there may be unclaimed again.
    void may_be_taken_back(std::size_t place) noexcept { places_[place].all_claimed = false; }
    /// The process is gone; what it had and had not begun comes back as `unbegun`, in order. `could_work`: it
    /// died of a task or during one, or was killed by somebody.
    void died(std::size_t place, const std::vector<work>& unbegun, bool could_work) noexcept;
    /// From now on there are to be so many workers: those that are new are started, and those that had been
    /// given up are tried again. Those that are too many finish what they have begun and what is pinned to
    /// them, then end; their places stay.
    void resize(std::size_t workers);
    /// So that `resize` to as many cannot fail.
    void make_room_for_workers(std::size_t workers);
    /// Work that is not wanted any more leaves the backlog; returns it.
    std::vector<work> withdrawn(const std::function<bool(const work&)>& unwanted);
    /// Nothing is spent on waiting any more: whoever reports this is about to sleep. What looked too short to
    /// be worth taking back may be taken back now.
    void quiet() noexcept;
    /// No more work will be submitted; workers end when there is nothing left to do, and those that are not
    /// ready by then are not waited for.
    void close() noexcept {
        closing_ = true;
        lives_may_change_ = true;
    }
    /// Everything is abandoned: gives nothing more, starts nothing more.
    void terminate() noexcept;
    /// Work that a place had and will not finish, since everything is abandoned.
    void abandoned(work what) noexcept { put_first({&what, 1}); }
    /// The next of all work that is left, once everything is abandoned; then none.
    std::optional<work> take_abandoned() noexcept;

    // Decisions (decisions.cpp).

    action next();

    // What it knows.

    std::size_t places() const noexcept { return places_.size(); }
    std::size_t worker_at(std::size_t place) const noexcept { return limit_ ? place / 2 : place; }
    bool ready(std::size_t place) const noexcept { return places_[place].state == place_state::ready; }
    /// Is it to end?
    bool stopping(std::size_t place) const noexcept { return places_[place].state == place_state::stopping; }
    std::size_t places_of(std::size_t workers) const noexcept { return workers * places_each_; }
    /// Has this worker a process that is ready?
    bool worker_ready(std::size_t worker) const noexcept;
    /// Will no process be started for this worker any more?
    bool worker_given_up(std::size_t worker) const noexcept;
    std::uint32_t frames(std::size_t place) const noexcept { return places_[place].frames; }
    std::uint64_t items_done(std::size_t place) const noexcept { return places_[place].items_done; }
    /// It refused work, and has nothing to finish: all was taken back before it came to it. No outcome will
    /// tell that it has room again, so the owner is to look out for that.
    bool is_full_of_nothing(std::size_t place) const noexcept {
        return places_[place].full && places_[place].frames == 0;
    }
    bool outstanding() const noexcept { return frames_ != 0; }
    bool idle() const noexcept { return frames_ == 0 && backlog_.empty() && pinned_count_ == 0; }
    /// Every process is gone and none will be started.
    bool ended() const noexcept;
    /// Does a worker that is idle get nothing, since others seem to get on well with what there is? Then
    /// somebody is to see that they do, and to report `quiet` if not.
    bool holds_back() const noexcept { return held_back_; }
    std::size_t backlog() const noexcept { return backlog_.size() + pinned_count_; }

  private:
    enum class place_state : std::uint8_t {
        absent,   // no process
        starting, // a process that is not ready yet
        ready,
        stopping, // asked to end, or abandoned
        given_up, // could not be started; stays absent
    };

    struct entry {
        place_state state = place_state::absent;
        bool full = false;        // refused work; cleared when it finishes something
        bool all_claimed = false; // had nothing to take back; cleared when it gets or finishes something
        std::uint32_t frames = 0; // given and not finished
        std::uint32_t items = 0;
        std::uint32_t looks = 0;       // times that others went idle while this one made no progress
        std::uint64_t last_report = 0; // of its progress, or when it was given work; as reports_ counts
        unsigned failures = 0;         // starts in a row that came to nothing
        std::uint64_t items_done = 0;
        std::uint64_t done_since_start = 0;
        std::uint64_t may_be_given = 0; // items, to this process
        task_time time;
    };

    void make_room_for_pinned_of(std::size_t worker);
    void put_first(std::span<const work> what) noexcept;
    void work_changed() noexcept;
    bool may_receive(std::size_t place) const noexcept;
    bool is_wanted(std::size_t place) const noexcept;
    bool is_to_start(std::size_t place) const noexcept;
    bool is_to_stop(std::size_t place) const noexcept;
    bool is_to_be_abandoned(std::size_t place) const noexcept;
    /// The place that takes turns with this one; itself if there is none.
    std::size_t partner(std::size_t place) const noexcept { return limit_ ? place ^ 1U : place; }
    bool runs_short_items(const entry& p) const noexcept;
    std::size_t enough_workers() const noexcept;
    void note_look() noexcept;
    bool someone_is_idle() const noexcept;
    std::size_t choose_receiver() const noexcept;
    std::size_t choose_victim(bool any_length) const noexcept;
    void note_given(std::size_t place, const work& what);
    action give_pinned();
    action take_from_unwanted();
    action give_or_take();
    action take();
    action start_or_stop();
    action give_up();

    std::optional<std::size_t> limit_; // items a process
    std::size_t places_each_;          // of a worker
    std::size_t cpus_;
    std::size_t workers_; // that there are to be
    std::vector<entry> places_;
    work_queue backlog_;
    std::vector<work_queue> pinned_; // for each worker
    std::size_t pinned_count_ = 0;   // of all
    std::size_t frames_ = 0;         // of all places
    std::uint64_t reports_ = 0;      // of any progress
    bool closing_ = false;
    bool terminated_ = false;
    bool quiet_ = false;
    bool held_back_ = false;
    std::size_t taken_back_ = 0;   // at the front of the backlog, for one that is idle
    bool lives_may_change_ = true; // something has happened for which a process may be to start or to stop
};

} // namespace procpool::scheduling

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_SCHEDULER_HPP
#define PROCPOOL_SCHEDULER_SCHEDULER_HPP

#include "scheduler/window.hpp"
#include "scheduler/work.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace procpool::scheduling {

/// The next action of a scheduler's owner.
enum class action_kind {
    none,       // nothing until the next event
    give,       // write `what` to `place`; then nothing, or `refused`
    take_back,  // take up to `items` unclaimed items that are not pinned, and not of a lower priority than
                // `priority`, back from `place`; then `reclaimed`
    take_lower, // take all unclaimed items of a lower priority than `priority` back from `place`, also pinned
                // ones; then `lower_taken`
    start,      // start a process for `place`; then `started` or `died`
    stop,       // ask the process at `place` to exit when no work is left; then `died`
    abandon,    // end the process at `place`, which is not ready yet; then `died`, or `started` if that came
                // first
    give_up,    // `what` will never run, since no suitable worker can be started
};

struct action {
    action_kind kind = action_kind::none;
    std::size_t place = 0;
    work what{};
    std::uint32_t items = 0;
    int priority = lowest_priority;
};

/// Decides which worker gets which work, and when a process is started or stopped.
///
/// A pure function of events: the owner reports each event, then carries out the actions from `next` until it
/// returns `none`. The scheduler has no clock, thread, descriptor or lock, and does not know what a call is.
///
/// Each worker has one place for its process. If processes have an item limit, a worker has two adjacent
/// places that take turns: when the process at one place has been given its last item, the next process is
/// started at the other, and gets work when the first has finished.
///
/// With a minimum, a worker need not have a process: it gets one when work waits that no worker is idle for, when
/// work is pinned to it, or when fewer workers than the minimum have one. The owner says when a process has been
/// idle for too long; then it ends, unless there would be fewer than the minimum.
///
/// Invariants:
/// * Work is given in the order of submission; work that a worker gives back goes to the front. Once work
///   with a priority was submitted, and until no work is left, work is given by priority, and in the order of
///   submission among equals; and no item can start in a worker while one of a higher priority waits, in the
///   backlog or in any worker (see priorities.cpp). Pinned work holds up no other worker than its own.
/// * No work waits behind other work in a worker while another worker is idle, as far as it can be taken
///   back; except short items, if enough workers make progress with them (see `holds_back`).
/// * A process that cannot be started, or dies before it has finished an item, is started again at most
///   `start_attempts` times in a row.
///
/// Errors:        throwing members throw std::bad_alloc, and then nothing has changed. Memory for work that a
///                place gives back in the pieces in which it was given was allocated when the work was
///                submitted.
/// Thread safety: one thread at a time.
/// Complexity:    O(workers) per action.
class scheduler {
  public:
    static constexpr unsigned start_attempts = 3;

    /// All workers are absent, and will be started. `cpus`: the number of CPUs that they can use.
    explicit scheduler(std::size_t workers, std::optional<std::size_t> items_per_process = std::nullopt,
                       std::size_t cpus = std::numeric_limits<std::size_t>::max());

    /// From now on, only `minimum` workers always have a process. Requires: nothing was decided yet.
    void set_minimum(std::size_t minimum) noexcept {
        elastic_ = true;
        minimum_ = minimum;
    }

    // Memory.

    /// Makes room for `pieces` further pieces of work: work that will be submitted, or that may come back in
    /// more pieces than it was given in.
    void make_room(std::size_t pieces);
    /// Makes room for one item that is pinned to `worker`.
    void make_room_for_pinned(std::size_t worker);

    // Events.

    /// Work was submitted; pinned work is a single item. Does not throw if room was made.
    void submitted(work what);
    /// Work that a worker had started must be started again. Requires: room.
    void resubmitted(work what) noexcept { put_first({&what, 1}); }
    /// `place` had no room for `what`: it gets nothing until it has finished an item, or may have room.
    void refused(std::size_t place, work what) noexcept;
    /// `place` had no room for what its process does before it exits: the action `stop` follows again when it may
    /// have room, if the process is still to exit.
    void stop_refused(std::size_t place) noexcept;
    void may_have_room(std::size_t place) noexcept;
    void started(std::size_t place) noexcept;
    /// `items` items of `place` have their outcome, and `frames` frames have no item left; `nanoseconds` is
    /// the recent duration of an item, 0 if not measured.
    void finished(std::size_t place, std::uint32_t frames, std::uint32_t items,
                  std::uint64_t nanoseconds) noexcept;
    /// Unstarted work of `place` was cancelled and taken back; `frames` frames are completely gone from it.
    void revoked(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept;
    /// The answer to `take_back`: `frames` frames are completely gone from `place`. No work: all items were
    /// claimed. Also called without a preceding `take_back`.
    void reclaimed(std::size_t place, const std::vector<work>& what, std::uint32_t frames) noexcept;
    /// The answer to `take_lower`, with its `priority`; otherwise like `reclaimed`.
    void lower_taken(std::size_t place, int priority, const std::vector<work>& what,
                     std::uint32_t frames) noexcept;
    /// Items of `place` that were claimed may be unclaimed again.
    void may_be_taken_back(std::size_t place) noexcept {
        auto& p = places_[place];
        p.all_claimed = false;
        p.lowest = lowest_priority;
        p.highest = p.highest_given;
    }
    /// The process at `place` has been idle for as long as one may be. Forgotten when it gets work.
    void idle_too_long(std::size_t place) noexcept {
        places_[place].idle_too_long = true;
        lives_may_change_ = true;
    }
    /// The process is gone. Its unstarted work comes back as `unbegun`, in order. `could_work`: it died
    /// because of or during a task, or was killed from outside.
    void died(std::size_t place, const std::vector<work>& unbegun, bool could_work) noexcept;
    /// Sets the number of workers: new workers are started as needed, and workers that were given up are tried again.
    /// Surplus workers finish the items that they have started and the work pinned to them, then end; their
    /// places stay.
    void resize(std::size_t workers);
    /// Allocates memory so that a `resize` to this number cannot fail.
    void make_room_for_workers(std::size_t workers);
    /// Removes cancelled work from the backlog, and returns it.
    std::vector<work> withdrawn(const std::function<bool(const work&)>& unwanted);
    /// The reporting thread is about to sleep, so no more CPU time is spent on waiting. Work that seemed too
    /// short to be worth taking back may be taken back now.
    void quiet() noexcept;
    /// No more work will be submitted. Workers end when no work is left; workers that are not ready by then
    /// are abandoned.
    void close() noexcept {
        closing_ = true;
        lives_may_change_ = true;
    }
    /// Everything is abandoned: no more work is given, no process is started.
    void terminate() noexcept;
    /// Returns work that a place had and will not finish, because everything is abandoned.
    void abandoned(work what) noexcept { put_first({&what, 1}); }
    /// The next piece of all work that is left when everything is abandoned; nullopt at the end.
    std::optional<work> take_abandoned() noexcept;

    // Decisions (decisions.cpp, priorities.cpp).

    action next();

    // State.

    std::size_t places() const noexcept { return places_.size(); }
    std::size_t worker_at(std::size_t place) const noexcept { return limit_ ? place / 2 : place; }
    bool ready(std::size_t place) const noexcept { return places_[place].state == place_state::ready; }
    /// Whether the process at `place` was told to end.
    bool stopping(std::size_t place) const noexcept { return places_[place].state == place_state::stopping; }
    std::size_t places_of(std::size_t workers) const noexcept { return workers * places_each_; }
    /// Whether this worker has a process that is ready.
    bool worker_ready(std::size_t worker) const noexcept;
    /// Whether no process will be started for this worker any more.
    bool worker_given_up(std::size_t worker) const noexcept;
    /// Whether a process of this worker is being started.
    bool worker_starting(std::size_t worker) const noexcept;
    /// Whether this worker has a process, in whatever state.
    bool worker_there(std::size_t worker) const noexcept;
    bool elastic() const noexcept { return elastic_; }
    /// Whether more workers have a process than the minimum, so that one that is idle may end.
    bool more_than_minimum() const noexcept { return elastic_ && working() > least(); }
    /// Whether the process at `place` is ready, and no work waits for it alone.
    bool is_idle(std::size_t place) const noexcept {
        const auto& p = places_[place];
        return p.state == place_state::ready && p.frames == 0 && !p.stop_refused &&
               pinned_[worker_at(place)].empty();
    }
    /// Changes whenever the process at `place` is another one, or gets work.
    std::uint64_t uses(std::size_t place) const noexcept { return places_[place].uses; }
    std::uint32_t frames(std::size_t place) const noexcept { return places_[place].frames; }
    std::uint64_t items_done(std::size_t place) const noexcept { return places_[place].items_done; }
    /// Whether the place refused work and has nothing to finish, because all of it was taken back before it
    /// was started. No outcome will show that it has room again, so the owner must watch for that.
    bool is_full_of_nothing(std::size_t place) const noexcept {
        return places_[place].full && places_[place].frames == 0;
    }
    /// Whether a process that is to exit has no room for what it does before.
    bool awaits_room_to_stop() const noexcept { return stops_refused_ != 0; }
    bool outstanding() const noexcept { return frames_ != 0; }
    bool idle() const noexcept { return frames_ == 0 && backlog_.empty() && pinned_count_ == 0; }
    /// Whether every process is gone and none will be started.
    bool ended() const noexcept;
    /// Whether an idle worker gets no work because other workers seem to make progress with it. The owner
    /// must then check their progress, and report `quiet` if there is none.
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
        bool full = false;        // refused work; cleared when it finishes an item
        bool stop_refused = false; // until it may have room
        bool all_claimed = false; // nothing could be taken back; cleared when it gets or finishes work
        std::uint32_t frames = 0; // given and not finished
        std::uint32_t items = 0;
        std::uint32_t looks = 0;       // how often others became idle while this one made no progress
        std::uint64_t last_report = 0; // value of reports_ at its last progress, or when it was given work
        bool idle_too_long = false;
        unsigned failures = 0; // consecutive failed starts
        std::uint64_t items_done = 0;
        std::uint64_t done_since_start = 0;
        std::uint64_t may_be_given = 0; // number of items for this process
        std::uint64_t uses = 0;
        std::uint64_t shared_items = 0; // no fewer than those of its items that are not pinned
        task_time time;
        // While work is ordered by priority, bounds of the priorities of its unclaimed items.
        int lowest = 0;
        int highest = 0;       // of the items that are not pinned
        int highest_given = 0; // likewise, including items that were claimed and may be unclaimed again
    };
    /// The last `take_back` of items of a priority, which was not answered yet.
    struct question {
        std::uint32_t items = 0; // 0: there is none
        int priority = lowest_priority;
    };

    void put_first(std::span<const work> what) noexcept;
    void work_changed() noexcept;
    bool may_receive(std::size_t place) const noexcept;
    bool is_wanted(std::size_t place) const noexcept;
    bool is_to_start(std::size_t place, bool grows) const noexcept;
    bool goes_on(std::size_t place) const noexcept;
    std::size_t working() const noexcept;
    std::size_t least() const noexcept { return std::min(minimum_, workers_); }
    bool is_to_grow() const noexcept;
    action end_idle() noexcept;
    bool is_to_stop(std::size_t place) const noexcept;
    bool is_to_be_abandoned(std::size_t place) const noexcept;
    /// The place that takes turns with this one; the place itself if there is none.
    std::size_t partner(std::size_t place) const noexcept { return limit_ ? place ^ 1U : place; }
    bool runs_short_items(const entry& p) const noexcept;
    std::size_t enough_workers() const noexcept;
    void note_look() noexcept;
    bool someone_is_idle() const noexcept;
    std::size_t choose_receiver() const noexcept;
    std::size_t choose_victim(bool any_length) const noexcept;
    void note_given(std::size_t place, const work& what);
    bool waits_for_backlog(const work& pinned) const noexcept;
    action give_pinned();
    action take_from_unwanted();
    action give_or_take();
    action give_first_to(std::size_t place);
    action take();
    action start_or_stop();
    action give_up();

    // priorities.cpp
    void order_by_priority() noexcept;
    void order_by_position() noexcept;
    void note_priority_given(std::size_t place, const work& what) noexcept;
    int highest_handed_out() const noexcept;
    action give_or_take_by_priority();
    int highest_waiting() const noexcept;
    action make_way_for_pinned(std::size_t place, int priority, int ahead) noexcept;
    action take_lower(std::size_t place, int priority) const noexcept;
    action take_higher(int priority) noexcept;

    std::optional<std::size_t> limit_; // items per process
    std::size_t places_each_;          // per worker
    std::size_t cpus_;
    std::size_t workers_; // requested number
    std::vector<entry> places_;
    work_queue backlog_;
    std::vector<work_queue> pinned_; // for each worker
    std::size_t pinned_count_ = 0;   // of all workers
    std::size_t frames_ = 0;         // of all places
    std::size_t stops_refused_ = 0;  // of all places
    std::uint64_t reports_ = 0;      // of any progress
    bool closing_ = false;
    bool terminated_ = false;
    bool quiet_ = false;
    bool held_back_ = false;
    std::size_t taken_back_ = 0;  // items at the front of the backlog, for an idle worker
    std::uint64_t submitted_ = 0; // pieces of work so far
    bool by_priority_ = false;    // there has been a priority since all work was finished
    question asked_;
    bool elastic_ = false;         // there is a minimum
    std::size_t minimum_ = 0;      // of workers that have a process
    bool lives_may_change_ = true; // an event may require a start or a stop of a process
};

} // namespace procpool::scheduling

#endif

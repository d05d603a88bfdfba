// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SCHEDULER_SIMULATION_HPP
#define PROCPOOL_TEST_SCHEDULER_SIMULATION_HPP

#include "scheduler/scheduler.hpp"
#include "support/seeded_random.hpp"
#include "support/virtual_worker.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

// A pool without processes: workers that work in virtual time, and an owner that carries out the scheduler's
// actions.
namespace procpool::test {

struct simulation_plan {
    std::size_t workers = 1;
    std::optional<std::size_t> items_per_process{};
    std::optional<std::size_t> minimum{}; // of processes; idle ones end at random times
    std::uint64_t shortest_ns = 1000; // minimum duration of an item
    std::uint64_t longest_ns = 1000;  // maximum
    std::size_t room_for_frames = 1000;
    std::uint64_t death_once_in = 0; // one in this many started items; 0: never
    std::uint64_t failed_start_once_in = 0;
};

/// Errors: std::logic_error if the scheduler violates an invariant.
class simulation {
  public:
    using work = scheduling::work;
    enum class outcome { finished, lost, given_up, cancelled, terminated };
    using item = std::pair<scheduling::call_id, std::uint32_t>;

    simulation(const simulation_plan& plan, seeded_random& random)
        : plan_(plan)
        , random_(random)
        , scheduler_(plan.workers, plan.items_per_process)
        , workers_(scheduler_.places()) {
        if (plan.minimum)
            scheduler_.set_minimum(*plan.minimum);
    }

    void submit(work what) {
        expected_ += what.items;
        waiting_[what.call] = what;
        has_priorities_ = has_priorities_ || what.priority != 0;
        has_pinned_ = has_pinned_ || what.pinned();
        scheduler_.submitted(what);
        act();
    }
    void close() {
        scheduler_.close();
        act();
    }
    void cancel(scheduling::call_id call);
    void terminate();

    /// Lets the next pending event happen. False: none is pending.
    bool step();
    bool ended() const { return scheduler_.ended(); }
    std::size_t expected_items() const { return expected_; }
    const std::map<item, outcome>& outcomes() const { return outcomes_; }
    const std::vector<item>& begun() const { return begun_; } // in this order
    int priority_of(scheduling::call_id call) const { return waiting_.at(call).priority; }

    /// Reports that the owner is about to sleep.
    void fall_asleep();
    /// Reports some idle processes as idle for too long.
    void end_some_idle();

  private:
    [[noreturn]] static void fail(const char* what) { throw std::logic_error(what); }
    void settle(const work& what, outcome how);
    void check_priority(const work& starts, std::size_t place) const;
    void act();
    void carry_out(const scheduling::action& what);
    void begin_next(std::size_t index);
    void report(std::size_t index);
    void die(std::size_t index);

    simulation_plan plan_;
    seeded_random& random_;
    scheduling::scheduler scheduler_;
    std::vector<virtual_worker> workers_;
    std::uint64_t now_ = 0;
    std::size_t expected_ = 0;
    bool terminated_ = false;
    bool has_priorities_ = false;
    bool has_pinned_ = false;
    std::map<scheduling::call_id, work> waiting_; // their items that have not begun
    std::map<item, outcome> outcomes_;
    std::vector<item> begun_;
};

inline void simulation::settle(const work& what, outcome how) {
    if (how == outcome::cancelled || how == outcome::given_up)
        waiting_[what.call].items -= what.items;
    for (auto i = what.first; i != what.first + what.items; ++i)
        if (!outcomes_.emplace(item{what.call, i}, how).second)
            fail("an item has two outcomes");
}

inline void simulation::end_some_idle() {
    for (std::size_t place = 0; place != workers_.size(); ++place)
        if (scheduler_.more_than_minimum() && scheduler_.is_idle(place) && random_.once_in(2))
            scheduler_.idle_too_long(place);
    act();
}

/// An item that starts must not have a lower priority than one that waits and could be run instead of it.
inline void simulation::check_priority(const work& starts, std::size_t place) const {
    for (const auto& [call, each] : waiting_)
        if (each.items != 0 && each.priority > starts.priority &&
            (!each.pinned() || each.worker == scheduler_.worker_at(place)))
            fail("an item starts while one of a higher priority waits");
}

inline void simulation::act() {
    for (int turns = 0;; ++turns) {
        if (turns == 1'000'000)
            fail("the scheduler never stops deciding");
        const auto next = scheduler_.next();
        if (next.kind == scheduling::action_kind::none)
            break;
        carry_out(next);
    }
    for (std::size_t i = 0; i != workers_.size(); ++i)
        begin_next(i);
}

inline void simulation::carry_out(const scheduling::action& next) {
    using scheduling::action_kind;
    if (terminated_)
        fail("something is decided after terminate");
    auto& w = workers_[next.place];
    switch (next.kind) {
    case action_kind::give:
        if (w.is != virtual_worker::state::ready)
            fail("work is given to a worker that is not ready");
        if (next.what.pinned() && next.what.worker != scheduler_.worker_at(next.place))
            fail("pinned work is given to another worker");
        if (!w.frames.empty() && w.frames.size() >= plan_.room_for_frames)
            scheduler_.refused(next.place, next.what);
        else
            w.frames.push_back({next.what, 0, 0, 0, next.what.items});
        if (has_priorities_) // work that an idle worker is given starts before work that is given later
            begin_next(next.place);
        break;
    case action_kind::take_back: {
        std::uint32_t whole = 0;
        const auto back = w.take_back(next.items, whole, [&](const work& each) {
            return !each.pinned() && each.priority >= next.priority;
        });
        scheduler_.reclaimed(next.place, back, whole);
        break;
    }
    case action_kind::take_lower: {
        std::uint32_t whole = 0;
        const auto back =
            w.take_back(UINT32_MAX, whole, [&](const work& each) { return each.priority < next.priority; });
        scheduler_.lower_taken(next.place, next.priority, back, whole);
        break;
    }
    case action_kind::start:
        if (w.is != virtual_worker::state::absent)
            fail("a worker is started twice");
        w = {};
        w.is = virtual_worker::state::starting;
        w.until = now_ + random_.between(1'000, 2'000'000);
        break;
    case action_kind::stop:
        w.goodbye = true;
        if (!w.frames.empty())
            fail("a worker with work is stopped");
        break;
    case action_kind::abandon:
        if (w.is != virtual_worker::state::starting)
            fail("what is not a start is abandoned");
        w.abandoned = true;
        break;
    case action_kind::give_up:
        settle(next.what, outcome::given_up);
        break;
    case action_kind::none:
        break;
    }
}

inline void simulation::begin_next(std::size_t index) {
    auto& w = workers_[index];
    if (w.is != virtual_worker::state::ready || w.running)
        return;
    if (const auto next = w.claim()) {
        waiting_[next->call].items -= 1;
        check_priority(*next, index);
        begun_.push_back({next->call, next->first});
        w.running = true;
        w.last_ns = random_.between(plan_.shortest_ns, plan_.longest_ns);
        w.until = now_ + w.last_ns;
    }
}

/// Reports the finished items, as when a worker publishes.
inline void simulation::report(std::size_t index) {
    auto& w = workers_[index];
    w.report_at = UINT64_MAX;
    std::uint32_t frames = 0, items = 0;
    for (auto& each : w.frames) {
        settle({each.what.call, each.what.first + each.reported, each.done - each.reported},
               outcome::finished);
        items += each.done - each.reported;
        each.reported = each.done;
        frames += each.reported == each.end;
    }
    std::erase_if(w.frames, [](const virtual_worker::frame& each) { return each.reported == each.end; });
    if (items != 0)
        scheduler_.finished(index, frames, items, w.last_ns);
}

inline void simulation::die(std::size_t index) {
    report(index);
    auto w = std::exchange(workers_[index], {});
    bool lost = false;
    std::vector<work> unbegun;
    for (const auto& each : w.frames) {
        if (each.claimed != each.done) {
            lost = true;
            settle({each.what.call, each.what.first + each.done, 1}, outcome::lost);
        }
        if (each.claimed != each.end)
            unbegun.push_back(each.what.part(each.what.first + each.claimed, each.end - each.claimed));
    }
    scheduler_.died(index, unbegun, lost);
}

inline void simulation::cancel(scheduling::call_id call) {
    const auto wanted = [&](const work& each) {
        return each.call == call;
    };
    for (const auto& each : scheduler_.withdrawn(wanted))
        settle(each, outcome::cancelled);
    for (std::size_t i = 0; i != workers_.size(); ++i) {
        std::uint32_t whole = 0;
        const auto back = workers_[i].take_back(UINT32_MAX, whole, wanted);
        scheduler_.revoked(i, back, whole);
        for (const auto& each : back)
            settle(each, outcome::cancelled);
    }
    act();
}

inline void simulation::terminate() {
    for (std::size_t i = 0; i != workers_.size(); ++i)
        report(i);
    terminated_ = true;
    scheduler_.terminate();
    while (const auto what = scheduler_.take_abandoned())
        settle(*what, outcome::terminated);
    for (auto& w : workers_)
        for (const auto& each : std::exchange(w.frames, {}))
            settle({each.what.call, each.what.first + each.reported, each.end - each.reported},
                   outcome::terminated);
    for (std::size_t i = 0; i != workers_.size(); ++i)
        if (workers_[i].is != virtual_worker::state::absent)
            die(i);
    act();
}

inline void simulation::fall_asleep() {
    scheduler_.quiet();
    act();
    if (plan_.items_per_process || terminated_ || has_pinned_)
        return; // an idle worker may be waiting for its turn, or must not run what waits
    const bool someone_is_idle = std::any_of(workers_.begin(), workers_.end(), [](const virtual_worker& w) {
        return w.is == virtual_worker::state::ready && !w.goodbye && w.frames.empty();
    });
    if (!someone_is_idle)
        return;
    if (scheduler_.backlog() != 0)
        fail("a worker is idle and there is work");
    for (const auto& w : workers_)
        if (w.running && w.unclaimed() != 0)
            fail("a worker is idle and another has work for two");
}

inline bool simulation::step() {
    constexpr std::uint64_t report_after = 25'000;
    auto first = workers_.size();
    std::uint64_t when = UINT64_MAX;
    for (std::size_t i = 0; i != workers_.size(); ++i) {
        const auto& w = workers_[i];
        auto at = w.report_at;
        if (w.is == virtual_worker::state::starting || w.running)
            at = std::min(at, w.until);
        if (w.is == virtual_worker::state::ready && w.goodbye && w.frames.empty())
            at = now_;
        if (at < when) {
            first = i;
            when = at;
        }
    }
    if (first == workers_.size())
        return false;
    now_ = std::max(now_, when);
    auto& w = workers_[first];
    if (w.is == virtual_worker::state::starting) {
        const bool fails = plan_.failed_start_once_in != 0 && random_.once_in(plan_.failed_start_once_in);
        if (fails || (w.abandoned && random_.once_in(2))) { // an abandoned worker may have been ready before
            die(first);
        } else {
            w.is = virtual_worker::state::ready;
            scheduler_.started(first);
        }
    } else if (w.goodbye && w.frames.empty()) {
        die(first);
    } else if (w.running && w.until <= now_) {
        if (plan_.death_once_in != 0 && random_.once_in(plan_.death_once_in)) {
            die(first);
        } else {
            const auto it =
                std::find_if(w.frames.begin(), w.frames.end(),
                             [](const virtual_worker::frame& each) { return each.claimed != each.done; });
            ++it->done;
            w.running = false;
            if (it->done == it->end)
                report(first);
            else
                w.report_at = std::min(w.report_at, now_ + report_after);
            if (has_priorities_) // the worker does not wait for what the scheduler decides now
                begin_next(first);
        }
    } else {
        report(first);
    }
    act();
    return true;
}

} // namespace procpool::test

#endif

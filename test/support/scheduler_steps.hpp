// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SCHEDULER_STEPS_HPP
#define PROCPOOL_TEST_SCHEDULER_STEPS_HPP

#include "scheduler/scheduler.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// A scheduler step by step: events as calls, decisions as text.
namespace procpool::test {

using scheduling::work;

inline std::string text_of(const work& what) {
    return std::to_string(what.call) + "[" + std::to_string(what.first) + "," +
           std::to_string(what.first + what.items) + ")";
}

/// "give 7[0,4) to 1", "take 3 from 0", "take 3 of 1 from 0" (of priority 1 or higher), "take below 1 from 0",
/// "start 1", "stop 1", "abandon 1", "give up 7[0,4)", "none".
inline std::string text_of(const scheduling::action& what) {
    const auto worker = std::to_string(what.place);
    const auto of_priority =
        what.priority == scheduling::lowest_priority ? std::string() : " of " + std::to_string(what.priority);
    switch (what.kind) {
    case scheduling::action_kind::give:
        return "give " + text_of(what.what) + " to " + worker;
    case scheduling::action_kind::take_back:
        return "take " + std::to_string(what.items) + of_priority + " from " + worker;
    case scheduling::action_kind::take_lower:
        return "take below " + std::to_string(what.priority) + " from " + worker;
    case scheduling::action_kind::start:
        return "start " + worker;
    case scheduling::action_kind::stop:
        return "stop " + worker;
    case scheduling::action_kind::abandon:
        return "abandon " + worker;
    case scheduling::action_kind::give_up:
        return "give up " + text_of(what.what);
    case scheduling::action_kind::none:
        break;
    }
    return "none";
}

struct scheduler_steps : scheduling::scheduler {
    /// Has this many workers, which are ready.
    explicit scheduler_steps(std::size_t workers, std::optional<std::size_t> items_per_process = std::nullopt,
                             std::size_t cpus = std::numeric_limits<std::size_t>::max())
        : scheduler(workers, items_per_process, cpus) {
        for (auto a = scheduler::next(); a.kind != scheduling::action_kind::none; a = scheduler::next()) {
            BOOST_TEST_REQUIRE((a.kind == scheduling::action_kind::start));
            started(a.place);
        }
    }

    std::string next() { return text_of(scheduler::next()); }
    /// Returns the abandoned work.
    std::vector<work> terminate() {
        scheduler::terminate();
        std::vector<work> out;
        while (const auto what = take_abandoned())
            out.push_back(*what);
        return out;
    }
    void submit(scheduling::call_id call, std::uint32_t items = 1, int priority = 0) {
        submitted({call, 0, items, scheduling::any_worker, priority});
    }
    void submit_pinned(scheduling::call_id call, std::uint32_t to, int priority) {
        submitted({call, 0, 1, to, priority});
    }
    /// One frame of this many items is finished; the duration is that of an item.
    void finish(std::size_t worker, std::uint32_t items = 1, std::uint64_t nanoseconds = 0) {
        finished(worker, 1, items, nanoseconds);
    }
    /// Sets the known duration of an item for `worker`, which is idle.
    void measured(std::size_t worker, std::uint64_t nanoseconds) { finished(worker, 0, 0, nanoseconds); }
    /// Likewise for all workers, which are idle.
    void all_measured(std::uint64_t nanoseconds) {
        for (std::size_t worker = 0; worker != places(); ++worker)
            measured(worker, nanoseconds);
    }
    /// All decisions, until there is none.
    std::vector<std::string> all_next() {
        std::vector<std::string> out;
        for (auto a = next(); a != "none"; a = next())
            out.push_back(a);
        return out;
    }
};

using texts = std::vector<std::string>;

} // namespace procpool::test

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_STEPS_HPP
#define PROCPOOL_TEST_FAULTS_STEPS_HPP

#include "support/faults/trial.hpp"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

// All steps, the scenario in which a pool passes each, and the loss that a fault at the step may cause.
namespace procpool::test::faults {

struct step_facts {
    fault_step step{};
    const char* name = "";
    const char* scenario = "";
    std::vector<std::uint32_t> passages; // the passages at which a fault is tested
    /// Of a worker: it has an item that was started and not reported, whose outcome is lost with the worker.
    bool loses_item = false;
    /// Likewise, but the item is complete: it is lost only if the worker is late, not if the worker dies.
    bool has_item = false;
    /// Of a parent: how the pool ends.
    const char* ending = "close";
};

/// The tested passages of a step that is passed often. Under a sanitizer, where processes start slowly, only
/// the middle one.
#ifdef PROCPOOL_SANITIZED
inline const std::vector<std::uint32_t> three{2};
#else
inline const std::vector<std::uint32_t> three{1, 2, 7};
#endif

inline std::vector<step_facts> steps_of_a_worker() {
    using s = fault_step;
    return {
        {s::worker_started, "worker_started", "recycling", three},
        {s::hello_due, "hello_due", "recycling", three},
        {s::hello_said, "hello_said", "recycling", three},
        {s::initializing, "initializing", "recycling", three},
        {s::claiming, "claiming", "calls", three},
        {s::claimed, "claimed", "calls", three, true},
        {s::decoding_argument, "decoding_argument", "calls", three, true},
        {s::decoding_argument, "decoding_argument", "burden", {50}, true},
        {s::running, "running", "calls", three, true},
        {s::encoding_result, "encoding_result", "calls", three, true},
        {s::encoding_result, "encoding_result", "burden", {50}, true},
        {s::result_block_taken, "result_block_taken", "calls", three, true},
        {s::result_block_taken, "result_block_taken", "burden", {5}, true},
        {s::result_block_filled, "result_block_filled", "calls", three, true},
        {s::result_block_filled, "result_block_filled", "burden", {5}, true},
        {s::result_complete, "result_complete", "calls", three, false, true},
        {s::publishing, "publishing", "calls", three, false, true},
        {s::publishing_alone, "publishing_alone", "calls", three, true},
        {s::published, "published", "calls", three},
        {s::parent_woken, "parent_woken", "calls", three},
        {s::frame_done, "frame_done", "calls", three},
        {s::finalizing, "finalizing", "recycling", three},
        {s::goodbye_heard, "goodbye_heard", "recycling", three},
        {s::worker_ending, "worker_ending", "recycling", three},
    };
}

inline std::vector<step_facts> steps_of_the_parent() {
    using s = fault_step;
    return {
        {s::spawning, "spawning", "recycling", three},
        {s::spawned, "spawned", "recycling", three},
        {s::greeting, "greeting", "recycling", three},
        {s::encoding_argument, "encoding_argument", "calls", three},
        {s::encoding_argument, "encoding_argument", "burden", {50}},
        {s::argument_block_taken, "argument_block_taken", "calls", three},
        {s::argument_block_taken, "argument_block_taken", "burden", {5}},
        {s::giving, "giving", "calls", three},
        {s::given, "given", "calls", three},
        {s::taking_back, "taking_back", "cancelling", three},
        {s::collecting, "collecting", "calls", three},
        {s::collected, "collected", "calls", three},
        {s::decoding_result, "decoding_result", "calls", three},
        {s::decoding_result, "decoding_result", "burden", {50}},
        {s::reaped, "reaped", "perishing", three},
        {s::resizing, "resizing", "calls", {1, 2}},
        {s::dismissing, "dismissing", "recycling", three},
        {s::closing, "closing", "calls", {1}},
        {s::terminating, "terminating", "calls", {1}, false, false, "terminate"},
        {s::ending_workers, "ending_workers", "calls", {1}, false, false, "terminate"},
    };
}

/// A step, with one passage of it.
struct combination {
    step_facts at;
    std::uint32_t passage = 1;
    std::size_t workers = 1;

    orders what() const { return {at.scenario, workers, at.ending, 0}; }
    /// Whether this is one of the first steps of a worker with which the pool is made.
    bool is_before_the_pool() const { return at.step <= fault_step::initializing && passage <= workers; }
    friend std::ostream& operator<<(std::ostream& out, const combination& c) {
        return out << c.at.name << ", passage " << c.passage << ", " << c.workers << " workers, "
                   << c.at.scenario;
    }
};

/// All steps with one and with three workers. `all_passages`: not only the middle one of each step.
inline std::vector<combination> combinations(const std::vector<step_facts>& of, bool all_passages) {
    std::vector<combination> out;
    for (const auto& each : of)
        for (const std::size_t workers : {1U, 3U})
            for (const auto passage : each.passages)
                if (all_passages || passage == each.passages[each.passages.size() / 2])
                    out.push_back({each, passage, workers});
    return out;
}

} // namespace procpool::test::faults

#endif

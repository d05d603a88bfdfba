// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TRACE_EVENT_HPP
#define PROCPOOL_TRACE_EVENT_HPP

#include <cstdint>
#include <string>

// What happens in a pool, as its trace has it. All times are nanoseconds of the steady clock.
namespace procpool::tracing {

/// What has become of an item.
enum class outcome : std::uint8_t { succeeded, threw, lost, timed_out, cancelled, abandoned };

/// One thing that happened to consecutive items of a job.
struct event {
    enum class kind : std::uint8_t {
        submitted,
        ran,     // a worker ran them one after the other, and they have their outcome
        tried,   // likewise, but they get their outcome later
        not_run, // they have their outcome, without a worker
        hook     // an initializer or a finalizer, which is not an item
    };

    std::uint64_t index = 0;     // of the first item in the user's range, or the number of the call
    std::uint64_t submitted = 0; // when the job was submitted; no two jobs have the same time
    std::uint64_t begun = 0;     // when the first item began; 0: unknown. As reported by the worker
    std::uint64_t each = 0;      // that each item took; 0: until `seen`. As reported by the worker
    std::uint64_t seen = 0;      // when the parent learned of it
    std::uint32_t first = 0;     // the first item, counted in its job
    std::uint32_t items = 1;
    std::uint32_t name = 0; // number of the task's name
    std::uint32_t place = 0;
    kind what = kind::ran;
    outcome how = outcome::succeeded;
    bool of_range = false; // `index` is one of the user's range
};

/// One thing that happened to a process.
struct worker_event {
    enum class kind : std::uint8_t {
        started,
        recycled, // ended, because another one takes its place after max_tasks_per_worker
        ended,    // in an orderly way, for another reason
        lost,     // ended otherwise
        failed    // ended before it was ready
    };

    kind what = kind::started;
    std::uint32_t place = 0;
    std::uint64_t time = 0;
    long pid = 0;
    std::string text; // how it ended
};

} // namespace procpool::tracing

#endif

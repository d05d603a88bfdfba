// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TRACE_EVENT_TEXT_HPP
#define PROCPOOL_TRACE_EVENT_TEXT_HPP

#include "trace/event.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace procpool::tracing {

/// Writes events as elements of a JSON array, in the trace-event format.
///
/// The program is a process of the trace, with these tracks: "submissions", with a slice for each job;
/// "results", with a slice for each record that was collected, and for each item that never ran; and one for
/// each worker, with a slice for each item that it ran. A worker whose processes take turns has a track for
/// each of the two, since the second may begin before the first has ended. The slices of a track do not
/// overlap, whatever times a worker has reported. A flow leads from the submission of an item through its
/// slice to its result.
///
/// Source: Trace Event Format, "JSON Array Format".
class event_text {
  public:
    /// `start`: the time that the trace shows as 0. `places_each`: the places of a worker, 1 or 2.
    event_text(std::uint64_t start, long pid, std::size_t places_each);

    /// The text before the first element, and after the last one.
    static constexpr std::string_view opening = "[";
    static constexpr std::string_view closing = "\n]\n";

    // Each function appends elements, and throws std::bad_alloc.

    /// The names of the process and of the parent's tracks. `program`: its name.
    void introduce(std::string& to, std::string_view program);
    void add(std::string& to, const worker_event& what);
    /// `count` events are missing here.
    void add_gap(std::string& to, std::uint64_t count, std::uint64_t time);

    /// Begins with an event: call `write_some` until it returns false. `name`: of its task, escaped.
    void begin(std::string& to, const event& what, std::string_view name);
    /// Writes items until the text has `bytes` bytes, or a few more. Returns whether items are left.
    bool write_some(std::string& to, std::size_t bytes);

  private:
    struct slice {
        std::uint64_t begin = 0;
        std::uint64_t length = 0;
    };

    void write_head(std::string& to, char phase, std::string_view category, std::string_view name,
                    std::uint32_t track) const;
    void open(std::string& to, char phase, std::string_view category, std::string_view name,
              std::uint32_t track, std::uint64_t time);
    void name_track(std::string& to, std::uint32_t track, std::string_view name);
    std::uint32_t worker_track(std::string& to, std::uint32_t place);
    slice place_on_track(std::uint32_t track, std::uint64_t begin, std::uint64_t length) noexcept;
    void plan_run(const event& what) noexcept;
    void write_slice(std::string& to, std::uint32_t item, const slice& when) const;
    void write_flow(std::string& to, std::string_view head, std::uint32_t item, std::uint64_t time) const;
    std::string_view step_head();
    void write_item(std::string& to);

    std::uint64_t start_;
    std::string process_; // the member "pid", and what is before the number of a track
    std::size_t places_each_;
    bool any_ = false;                // an element was written
    std::vector<std::uint64_t> ends_; // of the last slice of each track; 0: the track has no name yet
    // The text of flows up to their time, made once: an item has three of them.
    std::string begin_head_;
    std::string end_head_;
    std::vector<std::string> step_heads_; // by track

    // The event that is being written.
    event event_;
    std::string item_head_; // of the slices of its items, up to their time
    std::string item_tail_; // what follows their index
    std::uint32_t track_ = 0;
    std::uint32_t next_ = 0; // item of the event
    slice first_;            // the others follow, each as long
    slice result_;           // on the track of results
};

} // namespace procpool::tracing

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/event_text.hpp"

#include "trace/json_text.hpp"

#include <algorithm>
#include <utility>

namespace procpool::tracing {
namespace {

// The numbers of the tracks. Viewers treat a thread with the number 0 as an idle CPU.
constexpr std::uint32_t submissions_track = 1;
constexpr std::uint32_t results_track = 2;
constexpr std::uint32_t first_worker_track = 3;

/// Slices of no length have no flows in the viewers.
constexpr std::uint64_t shortest = 1;

constexpr std::string_view text_of(outcome how) noexcept {
    switch (how) {
    case outcome::succeeded:
        return "succeeded";
    case outcome::threw:
        return "threw";
    case outcome::lost:
        return "lost";
    case outcome::timed_out:
        return "timed out";
    case outcome::cancelled:
        return "cancelled";
    case outcome::abandoned:
        return "abandoned";
    }
    return "";
}

constexpr std::string_view text_of(worker_event::kind what) noexcept {
    switch (what) {
    case worker_event::kind::started:
        return "worker started";
    case worker_event::kind::recycled:
        return "worker recycled";
    case worker_event::kind::ended:
        return "worker ended";
    case worker_event::kind::lost:
        return "worker lost";
    case worker_event::kind::failed:
        return "worker not started";
    }
    return "";
}

/// Identifies an item in the whole trace: 64 bits, mixed so that two items have the same with a probability
/// of 2^-64. Viewers take a larger number, or a text, for no identification.
constexpr std::uint64_t flow_of(std::uint64_t submitted, std::uint64_t item) noexcept {
    auto mixed = submitted * 0x9e37'79b9'7f4a'7c15U + item;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebU;
    return mixed ^ (mixed >> 31);
}

} // namespace

event_text::event_text(std::uint64_t start, long pid, std::size_t places_each)
    : start_(start)
    , process_("\",\"pid\":" + std::to_string(pid) + ",\"tid\":")
    , places_each_(places_each)
    , ends_(first_worker_track) {
    write_head(begin_head_, 's', "item", "item", submissions_track);
    write_head(end_head_, 'f', "item", "item", results_track);
}

/// The beginning of an element, up to its time.
void event_text::write_head(std::string& to, char phase, std::string_view category, std::string_view name,
                            std::uint32_t track) const {
    to += ",\n{\"ph\":\"";
    to += phase;
    to += "\",\"cat\":\"";
    to += category;
    to += "\",\"name\":\"";
    to += name;
    to += process_;
    append_number(to, track);
    to += ",\"ts\":";
}

/// Begins an element, up to its other members and the end.
void event_text::open(std::string& to, char phase, std::string_view category, std::string_view name,
                      std::uint32_t track, std::uint64_t time) {
    const auto begin = to.size();
    write_head(to, phase, category, name, track);
    if (!std::exchange(any_, true))
        to.erase(begin, 1); // the comma
    append_microseconds(to, time);
}

void event_text::introduce(std::string& to, std::string_view program) {
    open(to, 'M', "__metadata", "process_name", submissions_track, 0);
    to += ",\"args\":{\"name\":\"";
    append_escaped(to, program);
    to += " (procpool)\"}}";
    name_track(to, submissions_track, "submissions");
    name_track(to, results_track, "results");
}

void event_text::name_track(std::string& to, std::uint32_t track, std::string_view name) {
    open(to, 'M', "__metadata", "thread_name", track, 0);
    to += ",\"args\":{\"name\":\"";
    to += name;
    to += "\"}}";
    open(to, 'M', "__metadata", "thread_sort_index", track, 0);
    to += ",\"args\":{\"sort_index\":";
    append_number(to, track);
    to += "}}";
}

std::uint32_t event_text::worker_track(std::string& to, std::uint32_t place) {
    const auto track = first_worker_track + place;
    if (ends_.size() <= track)
        ends_.resize(track + 1);
    if (ends_[track] == 0) {
        auto name = "worker " + std::to_string(place / places_each_);
        if (place % places_each_ != 0)
            name += ", second process";
        name_track(to, track, name);
        ends_[track] = start_;
    }
    return track;
}

/// Moves the beginning behind the last slice of the track, and shortens what then is left of the new one.
event_text::slice event_text::place_on_track(std::uint32_t track, std::uint64_t begin,
                                             std::uint64_t length) noexcept {
    auto& free_from = ends_[track];
    const auto from = std::max({begin, free_from, start_});
    const auto end = std::max(begin + length, from + shortest);
    free_from = end;
    return {from, end - from};
}

void event_text::add(std::string& to, const worker_event& what) {
    const auto track = worker_track(to, what.place);
    open(to, 'i', "worker", text_of(what.what), track, std::max(what.time, start_) - start_);
    to += ",\"s\":\"t\",\"args\":{\"worker\":";
    append_number(to, what.place / places_each_);
    to += ",\"process\":";
    append_number(to, static_cast<std::uint64_t>(what.pid));
    if (!what.text.empty()) {
        to += ",\"how\":\"";
        append_escaped(to, what.text);
        to += '"';
    }
    to += "}}";
}

void event_text::add_gap(std::string& to, std::uint64_t count, std::uint64_t time) {
    open(to, 'i', "trace", "events are missing", results_track, std::max(time, start_) - start_);
    to += ",\"s\":\"p\",\"args\":{\"events\":";
    append_number(to, count);
    to += "}}";
}

/// Finds the place of the slices on the worker's track. What a worker reports is not trusted: nothing begins
/// before its submission, or ends after its end was seen.
void event_text::plan_run(const event& what) noexcept {
    const std::uint64_t items = what.items;
    const bool measured = what.each != 0 && what.begun != 0 && what.begun <= what.seen &&
                          what.each <= (what.seen - what.begun) / items;
    auto begin = std::max(what.begun <= what.seen ? what.begun : 0, what.submitted);
    const auto end = measured ? what.begun + what.each * items : what.seen;
    begin = std::max({begin, ends_[track_], start_});
    first_.begin = begin;
    first_.length = std::max(end > begin ? (end - begin) / items : 0, shortest);
    ends_[track_] = begin + first_.length * items;
}

void event_text::begin(std::string& to, const event& what, std::string_view name) {
    event_ = what;
    next_ = 0;
    switch (what.what) {
    case event::kind::submitted:
        track_ = submissions_track;
        first_ = place_on_track(track_, what.submitted, shortest);
        open(to, 'X', "submission", name, track_, first_.begin - start_);
        to += ",\"dur\":";
        append_microseconds(to, first_.length);
        to += ",\"args\":{\"items\":";
        append_number(to, what.items);
        to += "}}";
        break;
    case event::kind::ran:
    case event::kind::tried:
    case event::kind::hook:
        track_ = worker_track(to, what.place);
        plan_run(what);
        break;
    case event::kind::not_run:
        track_ = results_track;
        break;
    }
    if (what.what == event::kind::submitted)
        return;
    const bool is_item = what.what != event::kind::hook;
    item_head_.clear();
    write_head(item_head_, 'X',
               !is_item                          ? "hook"
               : what.what == event::kind::tried ? "attempt"
                                                 : "item",
               name, track_);
    item_tail_ = is_item ? ",\"outcome\":\"" : "\"outcome\":\"";
    item_tail_ += text_of(what.how);
    item_tail_ += "\"}}";
    if (what.what != event::kind::ran)
        return;
    result_ = place_on_track(results_track, what.seen, shortest);
    open(to, 'X', "result", name, results_track, result_.begin - start_);
    to += ",\"dur\":";
    append_microseconds(to, result_.length);
    to += ",\"args\":{\"items\":";
    append_number(to, what.items);
    to += "}}";
}

bool event_text::write_some(std::string& to, std::size_t bytes) {
    while (next_ != event_.items && to.size() < bytes) {
        write_item(to);
        ++next_;
    }
    return next_ != event_.items;
}

void event_text::write_item(std::string& to) {
    const slice in_row{first_.begin + next_ * first_.length, first_.length};
    switch (event_.what) {
    case event::kind::submitted:
        write_flow(to, begin_head_, next_, first_.begin);
        break;
    case event::kind::ran:
        write_slice(to, next_, in_row);
        write_flow(to, step_head(), next_, in_row.begin);
        write_flow(to, end_head_, next_, result_.begin);
        break;
    case event::kind::tried:
        write_slice(to, next_, in_row);
        write_flow(to, step_head(), next_, in_row.begin);
        break;
    case event::kind::not_run: {
        const auto when = place_on_track(track_, event_.seen, shortest);
        write_slice(to, next_, when);
        write_flow(to, end_head_, next_, when.begin);
        break;
    }
    case event::kind::hook:
        write_slice(to, next_, in_row);
        break;
    }
}

std::string_view event_text::step_head() {
    if (step_heads_.size() <= track_)
        step_heads_.resize(track_ + 1);
    auto& head = step_heads_[track_];
    if (head.empty())
        write_head(head, 't', "item", "item", track_);
    return head;
}

/// Requires: another element was written before, as for flows.
void event_text::write_slice(std::string& to, std::uint32_t item, const slice& when) const {
    to += item_head_;
    append_microseconds(to, when.begin - start_);
    to += ",\"dur\":";
    append_microseconds(to, when.length);
    if (event_.what == event::kind::hook) {
        to += ",\"args\":{";
    } else {
        to += event_.of_range ? ",\"args\":{\"index\":" : ",\"args\":{\"call\":";
        append_number(to, event_.index + item);
    }
    to += item_tail_;
}

void event_text::write_flow(std::string& to, std::string_view head, std::uint32_t item,
                            std::uint64_t time) const {
    to += head;
    append_microseconds(to, time - start_);
    to += ",\"id\":\"";
    append_hex(to, flow_of(event_.submitted, std::uint64_t{event_.first} + item));
    to += "\",\"bp\":\"e\"}"; // which concerns the ends alone
}

} // namespace procpool::tracing

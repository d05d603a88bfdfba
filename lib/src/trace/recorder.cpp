// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/recorder.hpp"

#include "os/self.hpp"
#include "os/waiting.hpp"
#include "trace/json_text.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <new>
#include <utility>

namespace procpool::tracing {
namespace {

/// How many events wait to be written: 1000 blocks are 64 MiB.
constexpr std::size_t most_blocks = 1000;
constexpr std::size_t most_worker_events = 10'000;
/// So many blocks are written without waiting for more, and kept for later events.
constexpr std::size_t enough_blocks = 16;
/// How long events are gathered.
constexpr std::chrono::milliseconds gathering{100};
/// Bytes that are written together.
constexpr std::size_t piece = 256 * 1024;

std::uint64_t steady_now() noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

} // namespace

recorder::recorder(const std::filesystem::path& file, std::size_t places_each,
                   std::function<void(const std::exception_ptr&)> on_failure)
    : file_(std::in_place, file)
    , text_(steady_now(), os::current_pid(), places_each)
    , on_failure_(std::move(on_failure)) {
    filling_.reserve(most_blocks);
    free_.reserve(enough_blocks);
    names_.emplace_back("task"); // of events whose names there was no memory for
    buffer_.reserve(piece + 4096);
    file_->write_at(0, event_text::opening);
    written_ = event_text::opening.size();
    text_.introduce(buffer_, os::program_name());
    flush();
    thread_ = os::make_service_thread([this] { run(); });
}

std::unique_ptr<recorder> recorder::of(const std::filesystem::path& file, std::size_t places_each,
                                       const std::function<void(std::function<void()>)>& post) {
    if (file.empty())
        return nullptr;
    return std::make_unique<recorder>(file, places_each, [post](const std::exception_ptr& why) {
        post([why] { std::rethrow_exception(why); });
    });
}

std::int64_t recorder::submitted(const detail::job& job, std::int64_t now) noexcept {
    auto what = event_of(event::kind::submitted, job, 0, job.items);
    what.submitted = std::max(static_cast<std::uint64_t>(now), last_submission_ + 1);
    last_submission_ = what.submitted;
    add(what, job);
    return static_cast<std::int64_t>(what.submitted);
}

void recorder::ran(std::size_t place, const detail::job& job, std::uint32_t first, std::uint32_t items,
                   run_times when, outcome how) noexcept {
    add_run(event::kind::ran, place, job, first, items, when, how);
}

void recorder::tried(std::size_t place, const detail::job& job, std::uint32_t first, std::uint32_t items,
                     run_times when, outcome how) noexcept {
    add_run(event::kind::tried, place, job, first, items, when, how);
}

void recorder::add_run(event::kind kind, std::size_t place, const detail::job& job, std::uint32_t first,
                       std::uint32_t items, run_times when, outcome how) noexcept {
    auto what = event_of(job.is_hook ? event::kind::hook : kind, job, first, items);
    what.place = static_cast<std::uint32_t>(place);
    what.begun = when.begun;
    what.each = when.each;
    what.how = how;
    add(what, job);
}

void recorder::not_run(const detail::job& job, std::uint32_t first, std::uint32_t items,
                       outcome how) noexcept {
    if (job.is_hook)
        return;
    auto what = event_of(event::kind::not_run, job, first, items);
    what.how = how;
    add(what, job);
}

event recorder::event_of(event::kind what, const detail::job& job, std::uint32_t first,
                         std::uint32_t items) noexcept {
    event out;
    out.index = job.index_base + first;
    out.submitted = static_cast<std::uint64_t>(job.submitted_at);
    out.seen = what == event::kind::submitted ? 0 : steady_now();
    out.first = first;
    out.items = items;
    out.what = what;
    out.of_range = job.is_of_range;
    return out;
}

void recorder::add(event what, const detail::job& job) noexcept {
    const std::lock_guard held(mutex_);
    if (closing_ || stopped_)
        return;
    if (!has_room()) {
        ++dropped_;
        return;
    }
    what.name = name_of(job);
    auto& last = *filling_.back();
    last.events[last.used++] = what;
    announce(filling_.size() >= enough_blocks ? urgent : something);
}

/// Whether the last block has room for an event.
bool recorder::has_room() noexcept try {
    if (!filling_.empty() && filling_.back()->used != filling_.back()->events.size())
        return true;
    if (filling_.size() == most_blocks)
        return false;
    if (free_.empty()) {
        filling_.push_back(std::make_unique<block>());
    } else {
        filling_.push_back(std::move(free_.back())); // there is room: see the constructor
        free_.pop_back();
    }
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

std::uint32_t recorder::name_of(const detail::job& job) noexcept try {
    if (job.run == last_run_)
        return last_number_;
    auto known = numbers_.find(job.run);
    if (known == numbers_.end()) {
        std::string name;
        append_escaped(name, job.task_name());
        new_names_.push_back(std::move(name));
        try {
            const auto number = static_cast<std::uint32_t>(numbers_.size() + 1);
            known = numbers_.emplace(job.run, number).first;
        } catch (...) {
            new_names_.pop_back();
            throw;
        }
    }
    last_run_ = known->first;
    last_number_ = known->second;
    return last_number_;
} catch (const std::exception&) { // no memory
    return 0;
}

void recorder::worker(worker_event::kind what, std::size_t place, long pid, std::string_view text) noexcept {
    const auto now = steady_now();
    const std::lock_guard held(mutex_);
    if (closing_ || stopped_)
        return;
    try {
        if (of_workers_.size() == most_worker_events) {
            ++dropped_;
            return;
        }
        of_workers_.push_back({what, static_cast<std::uint32_t>(place), now, pid, std::string(text)});
    } catch (const std::bad_alloc&) {
        ++dropped_;
    }
    announce(something);
}

/// Under the lock.
void recorder::announce(std::uint32_t what) noexcept {
    if (words_.load(std::memory_order_relaxed) >= what)
        return;
    words_.store(what, std::memory_order_relaxed);
    os::unpark_one(words_);
}

void recorder::close() noexcept {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard held(mutex_);
        closing_ = true;
        announce(urgent);
    }
    thread_.join();
    file_.reset();
    free_.clear();
    filling_.clear();
}

void recorder::run() noexcept {
    try {
        write_all();
    } catch (...) {
        stop(std::current_exception());
    }
}

void recorder::write_all() {
    batch next;
    next.full.reserve(most_blocks);
    while (!next.is_last) {
        await_events();
        take(next);
        format(next);
        flush();
        give_back(next);
    }
}

/// Returns when there is something to write that has waited for a while, or that cannot wait.
void recorder::await_events() noexcept {
    while (words_.load(std::memory_order_relaxed) == nothing)
        os::park(words_, nothing, std::nullopt);
    const auto until = std::chrono::steady_clock::now() + gathering;
    while (words_.load(std::memory_order_relaxed) == something && std::chrono::steady_clock::now() < until)
        os::park(words_, something, until);
}

/// Errors: throws std::bad_alloc.
void recorder::take(batch& out) {
    const std::lock_guard held(mutex_);
    names_.reserve(names_.size() + new_names_.size());
    std::move(new_names_.begin(), new_names_.end(), std::back_inserter(names_));
    new_names_.clear();
    out.full.swap(filling_);
    out.of_workers.swap(of_workers_);
    out.dropped = std::exchange(dropped_, 0);
    out.is_last = closing_;
    words_.store(nothing, std::memory_order_relaxed);
}

void recorder::give_back(batch& what) noexcept {
    what.of_workers.clear();
    {
        const std::lock_guard held(mutex_);
        while (!what.full.empty() && free_.size() != enough_blocks) {
            what.full.back()->used = 0;
            free_.push_back(std::move(what.full.back()));
            what.full.pop_back();
        }
    }
    what.full.clear();
}

void recorder::format(const batch& what) {
    for (const auto& each : what.of_workers)
        text_.add(buffer_, each);
    for (const auto& each : what.full)
        for (std::size_t i = 0; i != each->used; ++i)
            format(each->events[i]);
    if (what.dropped != 0)
        text_.add_gap(buffer_, what.dropped, steady_now());
}

void recorder::format(const event& what) {
    text_.begin(buffer_, what, names_[what.name]);
    while (text_.write_some(buffer_, piece))
        flush();
    if (buffer_.size() >= piece)
        flush();
}

/// Writes the buffer, and the closing bracket behind it.
void recorder::flush() {
    if (buffer_.empty())
        return;
    const auto bytes = buffer_.size();
    buffer_ += event_text::closing;
    try {
        file_->write_at(written_, buffer_);
    } catch (...) {
        // The place of the old closing bracket exists, also on a full disk.
        try {
            file_->write_at(written_, event_text::closing);
        } catch (const std::exception&) { // then it is missing, which viewers accept
        }
        file_->cut(written_ + event_text::closing.size());
        throw;
    }
    written_ += bytes;
    buffer_.clear();
}

void recorder::stop(const std::exception_ptr& why) noexcept {
    {
        const std::lock_guard held(mutex_);
        stopped_ = true;
        filling_.clear();
        free_.clear();
        of_workers_.clear();
    }
    try {
        on_failure_(why);
    } catch (const std::exception&) { // no memory to tell the user
    }
}

} // namespace procpool::tracing

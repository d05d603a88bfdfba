// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/worker_starts.hpp"

#include "error/failure_texts.hpp"

#include <new>

namespace procpool::pooling {

void worker_starts::grow_to(std::size_t places) {
    if (ended_at_.size() < places)
        ended_at_.resize(places);
}

std::uint64_t worker_starts::next_generation(std::size_t worker) {
    if (started_of_.size() <= worker)
        started_of_.resize(worker + 1);
    return started_of_[worker]++;
}

void worker_starts::failed(std::size_t place, std::string_view why) noexcept {
    std::string text = "no memory";
    try {
        text = "no process could be started: " + std::string(why);
    } catch (const std::bad_alloc&) {
    }
    note_failure(place, text);
    scheduler_->died(place, {}, false);
}

void worker_starts::ended(std::size_t place, const end& how,
                          const std::vector<scheduling::work>& unbegun) noexcept {
    ++ended_at_[place];
    const bool was_ready = how.why_not_ready.empty();
    try {
        auto text = std::string(how.process);
        if (was_ready)
            text += " without running a task, like others before it";
        else
            text.append(": ").append(how.why_not_ready);
        note_failure(place, text);
    } catch (const std::bad_alloc&) {
        note_failure(place, "no memory");
    }
    scheduler_->died(place, unbegun, was_ready && how.during_task);
}

void worker_starts::note_failure(std::size_t place, const std::string& why) noexcept {
    if (!pool_in_use_ && !failure_.empty())
        return;
    try {
        failure_ = detail::start_failed_text(scheduler_->worker_at(place), why);
    } catch (const std::bad_alloc&) {
        failure_ = "no memory"; // short enough to need no memory
    }
}

void worker_starts::initializer_ended(std::size_t place, std::uint64_t ended_before,
                                      const std::exception_ptr& why) noexcept {
    --hooks_;
    if (ended_at_[place] != ended_before)
        return;
    auto& order = orders_->give(place);
    order.initialized = true;
    order.initializer_error = why;
}

bool worker_starts::first_start_is_over(std::size_t workers) const noexcept {
    bool all_ready = true;
    for (std::size_t worker = 0; worker != workers; ++worker)
        all_ready = all_ready && scheduler_->worker_ready(worker);
    return all_ready || !failure_.empty();
}

bool worker_starts::finish_first_start() noexcept {
    pool_in_use_ = failure_.empty();
    return pool_in_use_;
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The number of workers of a pool, and information about them and about the items of the pool.

#include "channel/layout.hpp"
#include "crash/crash_report.hpp"
#include "os/fault_point.hpp"
#include "pool/supervisor.hpp"

#include <procpool/error.hpp>
#include <procpool/pool_stats.hpp>
#include <procpool/worker_info.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace procpool::pooling {

void supervisor::resize(std::size_t processes) {
    home().require_here();
    detail::require_possible(processes);
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (closed_)
        throw pool_closed();
    const auto before = size();
    try {
        const auto places = scheduler_.places_of(processes);
        scheduler_.make_room_for_workers(processes);
        orders_.grow_to(places);
        starts_.grow_to(places);
        if (finalizers_.size() < places)
            finalizers_.resize(places);
        settings_.grow_to(places);
        if (idle_times_)
            idle_times_->grow_to(places);
        links_.grow_to(places);                           // last: the scheduler must know every link
        status_.grow_to(places, scheduler_.places_of(1)); // cannot fail
    } catch (const std::exception& why) {                 // no descriptor or no memory
        throw start_failed(std::string("The pool could not grow: ") + why.what());
    }
    os::fault_point(os::fault_step::resizing);
    set_workers(processes, out);
    // A thread that decodes for all waiting threads must not wait for outcomes that another thread would
    // collect.
    if (collects_here())
        return;
    const auto is_overtaken = [&] { // another resize() or close() has taken over
        return closed_ || size() != processes;
    };
    const auto any_new = [&](auto holds) {
        for (auto worker = before; worker < processes; ++worker)
            if (holds(worker))
                return true;
        return false;
    };
    const auto one_was_given_up = [&] {
        return any_new([&](std::size_t worker) { return scheduler_.worker_given_up(worker); });
    };
    ++resizing_threads_;
    const auto first_new = scheduler_.places_of(before);
    resized_from_ = first_new;
    held.unlock_and_deliver(); // workers that were given work wait for their bells
    held.lock();
    const auto over = [&] {
        return is_overtaken() || one_was_given_up() || !any_new([&](std::size_t worker) {
                   return scheduler_.elastic() ? scheduler_.worker_starting(worker)
                                               : !scheduler_.worker_ready(worker);
               });
    };
    wait_for_starts(held, first_new, std::ref(over));
    const bool failed = !is_overtaken() && one_was_given_up();
    --resizing_threads_;
    leave_requests_to_all(held);
    if (!failed || is_overtaken())
        return;
    const auto why = starts_.failure();
    set_workers(before, out);
    throw start_failed(why);
}

/// Waits until `over`, and meanwhile calls settings_for for the processes that are to be started at the place
/// `from` and behind it.
/// Needs no memory, if `over` is a reference.
void supervisor::wait_for_starts(locked_delivery& held, std::size_t from, const std::function<bool()>& over) {
    for (;;) {
        held.wait(started_or_ended_, [&] { return over() || settings_.first_left(from); });
        if (over())
            return;
        const auto next = *settings_.first_left(from);
        held.unlock_and_deliver();
        answer_request(next);
        held.lock();
    }
}

/// This thread waits no longer: requests that it has not answered are answered where callbacks run.
void supervisor::leave_requests_to_all(locked_delivery& held) noexcept {
    while (const auto next = settings_.first_left(0)) {
        settings_.leave_to_all(*next);
        held.unlock_and_deliver();
        try {
            post_request(*next);
        } catch (const std::bad_alloc&) {
            answer_request(*next); // here after all
        }
        held.lock();
    }
}

/// Under the lock. Errors: throws std::bad_alloc if the number grows; then nothing has changed.
void supervisor::set_workers(std::size_t processes, delivery& out) {
    scheduler_.resize(processes); // the last step that can fail
    processes_wanted_.store(processes, std::memory_order_relaxed);
    status_.set_processes(processes);
    started_or_ended_.notify_all(); // ends the wait of an earlier resize()
    carry_out(out);
}

/// Of the places of a worker, whose processes take turns, the one with the process that works or will work
/// next; if none will, the one with the latest process.
std::size_t supervisor::working_place(std::size_t worker) const noexcept {
    const auto first = scheduler_.places_of(worker);
    const auto comes_before = [&](std::size_t one, std::size_t other) {
        const auto& a = links_[one];
        const auto& b = links_[other];
        if ((scheduler_.frames(one) != 0) != (scheduler_.frames(other) != 0))
            return scheduler_.frames(one) != 0;
        if (scheduler_.ready(one) != scheduler_.ready(other))
            return scheduler_.ready(one);
        if (a.connected() != b.connected())
            return a.connected();
        return scheduler_.ready(one) ? a.restarts() < b.restarts() : a.restarts() > b.restarts();
    };
    auto out = first;
    for (auto place = first + 1; place != first + scheduler_.places_of(1); ++place)
        if (comes_before(place, out))
            out = place;
    return out;
}

std::vector<worker_info> supervisor::workers() const {
    home().require_here();
    const lock held(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::vector<worker_info> out(size());
    for (std::size_t place = 0; place != links_.size() && scheduler_.worker_at(place) < out.size(); ++place) {
        auto& info = out[scheduler_.worker_at(place)];
        info.index = scheduler_.worker_at(place);
        info.tasks_done += scheduler_.items_done(place);
        if (place != working_place(info.index))
            continue;
        const auto& link = links_[place];
        info.pid = link.pid();
        info.restarts = link.restarts();
        info.busy = scheduler_.frames(place) != 0;
        if (!info.busy)
            continue;
        info.reported = link.reported();
        if (const auto running = link.running(now)) {
            info.task_name = running->of->task_name();
            info.running_for = running->running_for;
        }
    }
    if (scheduler_.elastic())
        std::erase_if(out, [&](const auto& info) { return !scheduler_.worker_there(info.index); });
    return out;
}

pool_stats supervisor::stats() const {
    home().require_here();
    const lock held(mutex_);
    std::uint64_t running = 0;
    for (const auto* link : links_)
        running += link->runs_an_item();
    return counts_.stats(running);
}

/// The worker answers also while its task hangs. No event tells that it will not, because it is stopped or its
/// task has blocked the signal: then the wait ends after a time.
std::string supervisor::stack_of(std::size_t worker) {
    constexpr std::chrono::seconds longest{2};
    home().require_here();
    std::shared_ptr<const channel::channel_memory> memory;
    std::uint64_t number = 0;
    {
        lock held(mutex_);
        detail::require_worker(worker, size());
        if (resources_freed_ || terminated_)
            return {};
        const auto place = working_place(worker);
        if (!links_[place].runs_an_item())
            return {};
        memory = links_[place].memory();
        number = ++stack_requests_;
        orders_.give(place).ask_stack = number;
        started_or_ended_.wait_until(held, std::chrono::steady_clock::now() + longest, [&] {
            return resources_freed_ || links_[place].memory() != memory ||
                   memory->control().stacks[channel::stack_on_demand].answers.load(
                       std::memory_order_acquire) >= number;
        });
    }
    // Another thread may have asked later: its answer is as good, but may be written now.
    const auto& record = memory->control().stacks[channel::stack_on_demand];
    for (int tries = 0; tries != 100; ++tries) {
        const auto answers = record.answers.load(std::memory_order_acquire);
        if (const auto stack = stack_in(record, answers); answers >= number && !stack.empty())
            return stack_text(stack);
    }
    return {};
}

} // namespace procpool::pooling

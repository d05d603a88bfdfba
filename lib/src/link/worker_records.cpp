// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// What a worker reports about its items, and what becomes of them.

#include "call/retry_counts.hpp"
#include "channel/layout.hpp"
#include "link/worker_link.hpp"

#include <cstdint>
#include <utility>

namespace procpool::pooling {

using detail::may_retry;

void worker_link::drain(delivery& out, progress& done) {
    if (!connected() || damaged_)
        return;
    // Passes the records that were read, even if there is no memory for the next one.
    const struct passing {
        worker_link& link;
        delivery& out;
        std::uint64_t before;
        ~passing() {
            if (link.responses_->position() != before)
                link.pass_read(out);
        }
    } at_the_end{*this, out, responses_->position()};
    channel::record record;
    while (!damaged_ && responses_->front(record)) {
        if (!settle(record, out, done)) {
            give_up();
            break;
        }
        os::fault_point(os::fault_step::collecting);
        responses_->pop();
    }
    if (responses_->damaged())
        give_up();
}

void worker_link::pass_read(delivery& out) noexcept {
    responses_->release_ring();
    if (!damaged_)
        consumed_.store(responses_->position(), std::memory_order_relaxed);
    os::fault_point(os::fault_step::collected);
    wake(out); // the worker may be waiting for room
}

/// From now on nothing is read from this worker, which must be killed.
void worker_link::give_up() noexcept {
    damaged_ = true;
    stop_peeking();
}

void worker_link::stop_peeking() noexcept {
    stop_watching();
    consumed_.store(0, std::memory_order_relaxed);
    head_.store(&nothing_, std::memory_order_release);
}

/// Checks a record against the account, and passes its outcomes on. False: the record is invalid.
bool worker_link::settle(const channel::record& record, delivery& out, progress& done) {
    if (in_flight_.empty())
        return false;
    auto& front = in_flight_.front();
    if (record.sequence != static_cast<std::uint32_t>(front.sequence) || record.first != front.done ||
        record.items > front.end - front.done)
        return false;
    if (record.kind == channel::record_kind::exception && record.items != 1)
        return false;
    pass_on(front, record, out, done);
    forget_current();
    front.done += record.items;
    const bool counts = !job_of(front.what.call).is_hook; // which the scheduler does not know
    if (counts)
        done.items += record.items;
    else
        done.hook = true;
    if (counts && record.nanoseconds != 0) { // else the length of the payload is unknown, too: see drain_last
        done.nanoseconds = record.nanoseconds;
        counts_->received(record.payload.size());
    }
    if (front.done == front.end) {
        done.frames += counts;
        in_flight_.pop_front();
    }
    return true;
}

/// Called when the first item without an outcome gets one, or is taken back: clears its time limit.
void worker_link::forget_current() noexcept {
    timed_out_ = 0;
    limit_.settled();
}

namespace {

counting::item_times times_of(const detail::job& job, const channel::record& record) noexcept {
    return {static_cast<std::uint64_t>(job.submitted_at), record.begun, record.nanoseconds};
}

} // namespace

void worker_link::pass_on(const frame& of, const channel::record& record, delivery& out, progress& done) {
    auto& job = job_of(of.what.call);
    const auto first = of.what.first + record.first;
    if (job.cancelled || timed_out_ == channel::item_id(of.sequence, record.first)) {
        pass_on_late(of, record, out, done);
        return;
    }
    out.add(job, first, record, from_);
    const bool has_values = record.kind == channel::record_kind::values;
    if (trace_ != nullptr) [[unlikely]]
        trace_->ran(place_, job, first, record.items, {record.begun, record.nanoseconds},
                    has_values ? tracing::outcome::succeeded : tracing::outcome::threw);
    if (job.is_hook)
        return;
    counts_->ran(has_values ? counting::ending::succeeded : counting::ending::threw, record.items,
                 times_of(job, record));
}

/// The items were cancelled, or have timed out.
void worker_link::pass_on_late(const frame& of, const channel::record& record, delivery& out,
                               progress& done) {
    auto& job = job_of(of.what.call);
    const auto first = of.what.first + record.first;
    out.make_room_for_failures(record.items);
    done.again.reserve(done.again.size() + record.items);
    // Nothing below can fail. The result comes too late; its block goes back to the arena.
    if (!job.is_hook)
        counts_->ran_in_vain(record.items, times_of(job, record));
    if (record.slot)
        channel::response_reader::release_slot(from_.memory->control(), *record.slot);
    if (job.cancelled) {
        if (trace_ != nullptr) [[unlikely]]
            trace_->ran(place_, job, first, record.items, {record.begun, record.nanoseconds},
                        tracing::outcome::cancelled);
        out.add_failure(
            job, first, record.items,
            item_cancelled(job, first, from_.pid, stopped_at(channel::item_id(of.sequence, record.first))));
        counts_->ended(counting::ending::cancelled, record.items);
        return; // a hook is never cancelled
    }
    for (auto item = first; item != first + record.items; ++item) { // several items: a reduction
        const bool again = may_retry(job, item);
        if (trace_ != nullptr) [[unlikely]] {
            const tracing::run_times when{record.begun + (item - first) * record.nanoseconds,
                                          record.nanoseconds};
            trace_->ran_late(place_, job, item, when, again);
        }
        if (again) {
            done.again.push_back(of.what.part(item, 1));
            counts_->retried();
        } else {
            out.add_failure_to_save(job, item,
                                    item_timed_out(job, item, from_.pid, printed_.get(),
                                                   stopped_at(channel::item_id(of.sequence, record.first))),
                                    job.is_hook ? nullptr : failed_calls_, from_.pid);
            if (!job.is_hook)
                counts_->ended(counting::ending::timed_out, 1);
        }
    }
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/frame_runner.hpp"

#include "channel/claim.hpp"
#include "channel/worker_sleeper.hpp"
#include "codec/array_reuse.hpp"
#include "error/exception_transport.hpp"
#include "os/fault_point.hpp"
#include "os/waiting.hpp"
#include "worker/running_item.hpp"

#include <procpool/error.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace procpool::serving {
namespace {

using lock = std::lock_guard<std::mutex>;

} // namespace

claimed_items& claimed_items::instance() {
    // Never destroyed: the thread that listens to the parent may use it while the process ends.
    static auto* const items = new claimed_items;
    return *items;
}

claimed_items::claimed_items()
    : running_(&running_item::instance())
    // With fault injection, items are claimed one by one, so that each item passes each step.
    , may_be_several_(!os::faults_are_injected && os::prepare_process_fence()) {}

void claimed_items::connect(channel::control& shared, const channel::response_writer& to) {
    const lock held(mutex_);
    control_ = &shared;
    parent_ = &to;
}

bool claimed_items::claim(std::uint32_t at_most) {
    auto& word = *frame_->claim_word;
    channel::item_range got;
    if (at_most == 1 && !may_be_given_back_) {
        got = channel::claim(word, 1);
    } else {
        const lock held(mutex_);
        got = channel::claim(word, at_most);
        may_be_given_back_ = got.size() > 1;
        until_ = may_be_given_back_ ? channel::item_id(frame_->sequence, got.last) : 0;
        word_ = &word;
    }
    if (!got.empty() && got.last > frame_->items) // the claim word is invalid: the frame has fewer items
        channel::end_of_damage("claim word");
    first_ = got.first;
    end_ = got.last;
    return !got.empty();
}

void claimed_items::look_again() {
    const lock held(mutex_);
    interrupted_.store(false, std::memory_order_relaxed);
    if (until_ == 0)
        return;
    end_ = channel::item_of(until_);
    if (!may_be_several())
        give_back_own();
}

/// Under the lock. Keeps the next item, and gives back the items after it, since the listening thread has no
/// fence.
void claimed_items::give_back_own() {
    if (end_ - first_ < 2 || !channel::unclaim(*word_, first_ + 1, end_))
        return;
    end_ = first_ + 1;
    until_ = channel::with_item(until_, end_);
    tell_parent();
}

/// Under the lock. Counts the change, since the claim word may have its old value again before the parent
/// reads it.
void claimed_items::tell_parent() noexcept {
    control_->given_back.fetch_add(1, std::memory_order_release);
    parent_->wake_parent();
}

void claimed_items::unclaim(std::uint64_t frame) {
    const lock held(mutex_);
    if (until_ == 0 || channel::frame_of(until_) != frame)
        return;
    interrupt();
    if (!os::process_fence()) {
        may_be_several_.store(false, std::memory_order_relaxed);
        return;
    }
    const auto begun = running_->id().load(std::memory_order_relaxed);
    const auto end = channel::item_of(until_);
    const auto keep_until = channel::item_of(begun) + 1;
    if (channel::frame_of(begun) != frame || keep_until >= end || !channel::unclaim(*word_, keep_until, end))
        return;
    until_ = channel::with_item(frame, keep_until);
    tell_parent();
}

namespace {

/// Maximum time for which results are collected before they are published.
constexpr std::chrono::nanoseconds publish_every{25'000};

/// Maximum expected duration of the items that are claimed together.
constexpr std::chrono::nanoseconds claim_for{2'000};

std::int64_t in_nanoseconds(std::chrono::steady_clock::time_point when) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
}

std::uint64_t seed_of_pool = 0;

} // namespace

void frame_runner::set_seed(std::uint64_t seed) noexcept {
    seed_of_pool = seed;
}

std::stop_token frame_runner::stop_token() {
    return running_item::instance().stop_token();
}

std::uint64_t frame_runner::seed() const noexcept {
    return seed_of(seed_of_pool, frame_->number + channel::item_of(claimed_->running()));
}

void frame_runner::run(const channel::frame& frame) {
    frame_ = &frame;
    running_task::set(this);
    claimed_->begin_frame(frame);
    batch_ = 1; // the items of another frame may take longer
    responses_->begin_frame(frame.sequence);
    detail::task_runner run_task = nullptr;
    std::exception_ptr why_not;
    try {
        run_task = tasks_->find(frame.task);
        if (run_task == nullptr)
            why_not = std::make_exception_ptr(codec_error(
                "The worker does not know this task, which has not run: " + tasks_->why_not_found() + "."));
    } catch (...) {
        why_not = std::current_exception();
    }
    if (run_task != nullptr) {
        std::optional<channel::array_reuse> reuse; // exists until the last results are published
        if (frame.items > 1)
            reuse.emplace();
        run_task(*this);
    } else {
        for (std::uint32_t item = 0; next(item);)
            failed(item, why_not);
    }
    publish_last();
    running_item::instance().end_frame(channel::frame_id(frame.sequence));
    if (frame.timed)
        control_->running.store(0, std::memory_order_relaxed); // the same id will be used again
    running_task::set(nullptr);
}

/// Claims items if none are claimed. False: none are left.
bool frame_runner::have_claimed() {
    if (!claimed_->empty())
        return true;
    if (printed_ != nullptr && begun_since_look_ != 0) [[unlikely]]
        printed_->pass_on();
    os::fault_point(os::fault_step::claiming);
    if (begun_since_look_ != 0 && channel::anything_to_claim(*frame_->claim_word))
        batch_ = measure();
    if (!claimed_->claim(batch_))
        return false;
    os::fault_point(os::fault_step::claimed);
    return true;
}

/// Reads the clock: publishes results if it is time to, and returns how many items to claim next.
std::uint32_t frame_runner::measure() {
    const auto now = clock::now();
    const auto each = std::max<clock::duration>(clock::duration(1), (now - look_) / begun_since_look_);
    looked(now);
    if (frame_->timed || now - responses_->measured_until() >= publish_every)
        responses_->flush(now);
    if (frame_->timed || !claimed_->may_be_several())
        return 1;
    const auto fitting =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(claim_for / each, 1, claimed_items::most));
    return std::min(fitting, 2 * batch_); // a few short items do not show that the next are short
}

bool frame_runner::next(std::uint32_t& item) {
    do {
        if (!have_claimed())
            return false;
        item = claimed_->first();
        prepare_item(item);
    } while (!claimed_->begin_first());
    responses_->begun(1);
    ++begun_since_look_;
    return true;
}

detail::packed_items frame_runner::next_packed(std::size_t size) {
    detail::packed_items out;
    if (claimed_->interrupted().load(std::memory_order_relaxed))
        claimed_->look_again();
    if (!have_claimed())
        return out;
    out.first = claimed_->first();
    out.count = claimed_->size();
    out.room = responses_->packed_room(out.first, size, out.count);
    out.running = &claimed_->running();
    out.first_running = channel::item_id(frame_->sequence, out.first);
    out.complete = &responses_->complete();
    out.complete_before = responses_->complete_until_now();
    out.interrupted = &claimed_->interrupted();
    prepare_item(out.first);
    return out;
}

void frame_runner::packed(std::uint32_t count, std::size_t size) noexcept {
    responses_->packed(count, size);
    claimed_->passed(count);
    responses_->begun(count);
    begun_since_look_ += count;
}

/// The clock was read: the next item starts about now. The parent sees this time if it sees that the item is
/// claimed.
void frame_runner::looked(clock::time_point now) noexcept {
    look_ = now;
    begun_since_look_ = 0;
    control_->clock_read.store(in_nanoseconds(now), std::memory_order_relaxed);
}

void frame_runner::resume() noexcept {
    looked(clock::now());
    responses_->resume(look_);
}

/// Called before an item starts: resets the progress that an earlier item reported, and records the start of
/// a timed item.
void frame_runner::prepare_item(std::uint32_t item) {
    if (std::exchange(has_reported_, false))
        control_->reported.store(0, std::memory_order_relaxed);
    if (frame_->timed)
        begin_timed_item(channel::item_id(frame_->sequence, item));
}

/// The order of the stores matters: the parent uses the time only if it finds the item's id afterwards.
void frame_runner::begin_timed_item(std::uint64_t id) noexcept {
    control_->running.store(0, std::memory_order_relaxed);
    control_->running_since.store(in_nanoseconds(clock::now()), std::memory_order_release);
    control_->running.store(id, std::memory_order_release);
}

/// Publishes the complete results, and the results that the task held back until the end.
void frame_runner::publish_last() {
    responses_->flush_last();
    looked(responses_->measured_until());
}

void frame_runner::failed(std::uint32_t item, const std::exception_ptr& why) {
    if (printed_ != nullptr) [[unlikely]]
        printed_->pass_on();
    try {
        detail::encode_exception(responses_->begin_exception(item), why);
    } catch (...) {
        // There is no memory for the exception, so a std::bad_alloc is sent instead.
        responses_->abandon_value();
        detail::encode_exception(responses_->begin_exception(item),
                                 std::make_exception_ptr(std::bad_alloc()));
    }
    responses_->end_value();
}

} // namespace procpool::serving

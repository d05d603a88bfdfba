// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/delivery.hpp"

#include "channel/sleep.hpp"
#include "crash/crash_report.hpp"
#include "error/exception_transport.hpp"
#include "error/failure_texts.hpp"
#include "saved_call/call_folder.hpp"

#include <procpool/decoder.hpp>
#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/error.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <span>
#include <string>
#include <utility>

namespace procpool::pooling {
namespace {

std::exception_ptr decode_error(const detail::job& of, std::uint32_t item, long pid,
                                std::span<const std::byte> bytes) noexcept {
    try {
        remote_info info;
        info.worker_pid = pid;
        info.task_name = of.task_name();
        info.item_index = of.range_index(item);
        detail::item_cursor cursor(bytes);
        decoder in(cursor.next().value_or(bytes));
        return detail::decode_exception(in, info);
    } catch (...) {
        return std::current_exception();
    }
}

/// Makes room for `count` more. Errors: throws std::bad_alloc; then nothing has changed.
template <class Vector>
void make_room(Vector& in, std::size_t count) {
    if (in.capacity() - in.size() < count)
        in.reserve(std::max(in.size() + count, 2 * in.capacity()));
}

} // namespace

void delivery::add(detail::job& to, std::uint32_t first, const channel::record& record, const origin& from) {
    const auto what = record.kind == channel::record_kind::values ? kind::values : kind::exception;
    make_room(outcomes_, 1);
    outcome each{&to, first, record.items, 0, record.payload.size(), from.pid, what, record.slot.has_value()};
    if (record.slot) {
        each.offset = arena_.size();
        arena_.push_back({from, *record.slot, record.payload.data()});
        if (!bells_)
            bells_ = from.bells;
    } else {
        // Aligned, since a codec may read the bytes in place.
        each.offset = static_cast<std::size_t>(detail::align_item(bytes_.size()));
        bytes_.resize(each.offset + record.payload.size(), boost::container::default_init);
        std::copy(record.payload.begin(), record.payload.end(),
                  bytes_.begin() + static_cast<std::ptrdiff_t>(each.offset));
    }
    outcomes_.push_back(each);
}

void delivery::make_room_for_failures(std::size_t count) {
    make_room(outcomes_, count);
    make_room(failures_, count);
}

void delivery::add_bell(bell_set& of, const os::doorbell& bell) noexcept {
    try {
        to_ring_.push_back(&bell);
    } catch (const std::exception&) {
        bell.ring();
        return;
    }
    if (!bells_)
        bells_ = &of;
}

void delivery::add_failure(detail::job& to, std::uint32_t first, std::uint32_t count,
                           std::exception_ptr why) noexcept {
    outcomes_.push_back({&to, first, count, failures_.size(), 0, 0, kind::failure, false});
    failures_.push_back(std::move(why));
}

void delivery::add_failure_to_save(detail::job& to, std::uint32_t item, std::exception_ptr why,
                                   const saved_calls::call_folder* in, long worker_pid) noexcept {
    auto what = kind::failure;
    if (in != nullptr) {
        try {
            why = in->keep(why, to, item, worker_pid);
            what = kind::failure_to_save;
        } catch (const std::exception&) { // there is no memory to save it
        }
    }
    outcomes_.push_back({&to, item, 1, failures_.size(), 0, 0, what, false});
    failures_.push_back(std::move(why));
}

void delivery::hand_over() noexcept {
    for (const auto* bell : to_ring_)
        bell->ring();
    to_ring_.clear();
    released_.clear();
    if (outcomes_.empty()) {
        bells_.reset();
        return;
    }
    outer_ = std::exchange(innermost_, this);
    while (next_ != outcomes_.size()) // the user's code may have caused the rest to be handed over
        hand_over_next();
    innermost_ = outer_;
    forget_outcomes();
}

void delivery::release_later(std::vector<std::shared_ptr<const channel::channel_memory>>& what) noexcept {
    if (released_.empty()) {
        released_.swap(what);
        return;
    }
    try {
        released_.reserve(released_.size() + what.size());
    } catch (const std::exception&) {
        return; // the memory is released with a later delivery
    }
    std::move(what.begin(), what.end(), std::back_inserter(released_));
    what.clear();
}

void delivery::forget_outcomes() noexcept {
    outcomes_.clear();
    next_ = 0;
    bytes_.clear();
    arena_.clear();
    failures_.clear();
    if (to_ring_.empty())
        bells_.reset();
}

/// After an outcome in an arena, its worker's bell is rung, so the bells are kept.
void delivery::keep_bells_of_outcomes(const delivery& other) noexcept {
    if (!bells_ && !other.arena_.empty())
        bells_ = other.bells_;
}

/// Requires: the data of the outcome was appended here, from the places `before` on; so there is room.
void delivery::append(outcome each, const places& before) noexcept {
    const bool is_failure = each.what == kind::failure || each.what == kind::failure_to_save;
    each.offset += is_failure ? before.failures : each.in_arena ? before.arena : before.bytes;
    outcomes_.push_back(each);
}

/// Errors: throws std::bad_alloc; then nothing has changed. Otherwise there is room for the outcomes, too.
delivery::places delivery::append_what_outcomes_refer_to(delivery& other) {
    const auto aligned = static_cast<std::size_t>(detail::align_item(bytes_.size()));
    make_room(outcomes_, other.outcomes_.size());
    make_room(bytes_, aligned - bytes_.size() + other.bytes_.size());
    make_room(arena_, other.arena_.size());
    make_room(failures_, other.failures_.size());
    // Nothing below can fail.
    const places before{static_cast<std::size_t>(detail::align_item(bytes_.size())), arena_.size(),
                        failures_.size()};
    bytes_.resize(before.bytes, boost::container::default_init);
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    arena_.insert(arena_.end(), other.arena_.begin(), other.arena_.end());
    failures_.insert(failures_.end(), other.failures_.begin(), other.failures_.end());
    keep_bells_of_outcomes(other);
    return before;
}

/// Copies instead of moving: a small vector that is moved from loses its own storage for good, and moving
/// into a vector without storage allocates, in a function of Boost that is noexcept.
void delivery::take_outcomes(delivery& other) {
    const auto before = append_what_outcomes_refer_to(other);
    for (const auto& each : other.outcomes_)
        append(each, before);
    other.forget_outcomes();
}

void delivery::make_room_for(const delivery& one, const delivery& other) {
    make_room(outcomes_, one.outcomes_.size() + other.outcomes_.size());
    make_room(bytes_,
              2 * static_cast<std::size_t>(detail::align_item(1)) + one.bytes_.size() + other.bytes_.size());
    make_room(arena_, one.arena_.size() + other.arena_.size());
    make_room(failures_, one.failures_.size() + other.failures_.size());
}

void delivery::take_rest(delivery& other) {
    const auto before = append_what_outcomes_refer_to(other);
    for (auto i = other.next_; i != other.outcomes_.size(); ++i)
        append(other.outcomes_[i], before);
    other.outcomes_.resize(other.next_);
}

void delivery::take_what_is_to_be_decoded(delivery& other) {
    const auto before = append_what_outcomes_refer_to(other);
    const auto to_be_decoded = [](const outcome& each) {
        return each.what != kind::failure;
    };
    for (const auto& each : other.outcomes_)
        if (to_be_decoded(each))
            append(each, before);
    other.outcomes_.erase(std::remove_if(other.outcomes_.begin(), other.outcomes_.end(), to_be_decoded),
                          other.outcomes_.end());
}

void delivery::hand_over(const outcome& each) noexcept {
    auto& to = *each.to;
    if (each.what == kind::failure) {
        to.failed(each.first, each.count, failures_[each.offset]);
    } else if (each.what == kind::failure_to_save) {
        to.failed(each.first, each.count, saved_calls::call_folder::save(failures_[each.offset]));
    } else {
        const auto* data = each.in_arena ? arena_[each.offset].data : bytes_.data() + each.offset;
        const std::span bytes(data, each.size);
        if (each.what == kind::values)
            to.succeeded(each.first, each.count, bytes, each.pid);
        else
            to.failed(each.first, each.count, decode_error(to, each.first, each.pid, bytes));
        if (each.in_arena) {
            const auto& block = arena_[each.offset];
            auto& shared = block.from.memory->control();
            channel::response_reader::release_slot(shared, block.slot);
            if (channel::wake_needed(shared.worker_asleep) != channel::sleep::awake)
                block.from.bell->ring();
        }
    }
    // The thread that delivers the last outcome settles the job; other threads may deliver outcomes of the
    // job at the same time.
    if (to.items == 1 || to.unsettled.fetch_sub(each.count, std::memory_order_acq_rel) == each.count)
        to.settled();
}

namespace {

remote_info origin_of(const detail::job& job, std::uint32_t item, std::optional<long> pid) {
    remote_info info;
    info.worker_pid = pid.value_or(0);
    info.task_name = job.task_name();
    info.item_index = job.range_index(item);
    return info;
}

std::string name_with_item(const remote_info& info) {
    return info.item_index ? info.task_name + " (item " + std::to_string(*info.item_index) + ")"
                           : info.task_name;
}

/// The names of functions are looked up when the stack is read.
template <class E>
std::exception_ptr with_stack(E error, remote_info info, std::vector<code_place> stack) {
    if (stack.empty())
        return detail::make_remote(std::move(error), std::move(info));
    return detail::make_remote(std::move(error), std::move(info), nullptr,
                               [stack = std::move(stack)] { return stack_text(stack); });
}

} // namespace

std::exception_ptr item_lost(const detail::job& job, std::uint32_t item, long pid, const worker_end& end,
                             const last_errors* printed) noexcept try {
    auto info = origin_of(job, item, pid);
    if (printed != nullptr)
        info.output = printed->text();
    worker_lost error(detail::worker_lost_text(name_with_item(info), pid, ending_text(end)), pid,
                      end.how.exit_status, end.how.signal_number, info.task_name);
    return with_stack(std::move(error), std::move(info),
                      end.crash ? end.crash->stack : std::vector<code_place>());
} catch (...) {
    return std::current_exception();
}

std::exception_ptr item_timed_out(const detail::job& job, std::uint32_t item, long pid,
                                  const last_errors* printed,
                                  const std::vector<code_place>& stopped_at) noexcept try {
    auto info = origin_of(job, item, pid);
    if (printed != nullptr)
        info.output = printed->text();
    task_timeout error(detail::task_timeout_text(name_with_item(info), pid, job.timeout));
    return with_stack(std::move(error), std::move(info), stopped_at);
} catch (...) {
    return std::current_exception();
}

std::exception_ptr item_cancelled(const detail::job& job, std::uint32_t item, std::optional<long> pid,
                                  const std::vector<code_place>& stopped_at) noexcept try {
    auto info = origin_of(job, item, pid);
    task_cancelled error(detail::task_cancelled_text(name_with_item(info), pid));
    return with_stack(std::move(error), std::move(info), stopped_at);
} catch (...) {
    return std::current_exception();
}

} // namespace procpool::pooling

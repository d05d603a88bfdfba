// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/frame_runner.hpp"

#include "channel/claim.hpp"
#include "channel/damage.hpp"
#include "error/exception_transport.hpp"
#include "os/fault_point.hpp"
#include "worker/running_item.hpp"

#include <procpool/error.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace procpool::serving {
namespace {

/// Results wait no longer than this for others to be published with.
constexpr std::int64_t publish_every_nanoseconds = 25'000;

thread_local frame_runner* running_here = nullptr;

} // namespace

frame_runner* frame_runner::of_this_thread() noexcept {
    return running_here;
}

void frame_runner::run(const channel::frame& frame) {
    frame_ = &frame;
    running_here = this;
    responses_->begin_frame(frame.sequence);
    if (const auto run_task = registry_->find(frame.task)) {
        run_task(*this);
    } else {
        const auto why = std::make_exception_ptr(codec_error(
            "the worker does not know this task (it has not run): the library that defines it was loaded "
            "into the parent after it had started"));
        for (std::uint32_t item = 0; next(item);)
            failed(item, why);
    }
    if (since_publish_ != 0)
        publish();
    else
        responses_->flush(0); // what the task kept until the end
    running_item::instance().end();
    running_here = nullptr;
}

bool frame_runner::next(std::uint32_t& item) {
    if (since_publish_ >= publish_after_ || (frame_->timed && since_publish_ != 0))
        publish();
    os::fault_point(os::fault_step::claiming);
    const auto claimed = channel::claim(*frame_->claim_word, 1);
    if (claimed.empty())
        return false;
    if (claimed.last > frame_->items) // an item that the frame does not have
        channel::end_of_damage("claim word");
    os::fault_point(os::fault_step::claimed);
    ++since_publish_;
    item = claimed.first;
    const auto id = channel::item_id(frame_->sequence, item);
    running_item::instance().begin(id);
    if (std::exchange(has_reported_, false))
        control_->reported.store(0, std::memory_order_relaxed);
    if (frame_->timed)
        begin_timed_item(id);
    return true;
}

/// The parent reads the time only if it finds the item's name after it.
void frame_runner::begin_timed_item(std::uint64_t id) noexcept {
    control_->running.store(0, std::memory_order_relaxed);
    control_->running_since.store(
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now().time_since_epoch()).count(),
        std::memory_order_release);
    control_->running.store(id, std::memory_order_release);
}

void frame_runner::publish() {
    const auto now = clock::now();
    const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - mark_).count();
    mark_ = now;
    const auto each = std::max<std::int64_t>(1, elapsed / since_publish_);
    responses_->flush(static_cast<std::uint64_t>(each));
    // Grows step by step: a few short items say little about those that follow.
    const auto fitting = publish_every_nanoseconds / each;
    publish_after_ = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(fitting, 1, std::min<std::int64_t>(4 * std::int64_t{since_publish_}, 4096)));
    since_publish_ = 0;
}

std::byte* frame_runner::packed_room(std::uint32_t item, std::size_t size) {
    std::uint32_t one = 1;
    return responses_->packed_room(item, size, one);
}

void frame_runner::failed(std::uint32_t item, const std::exception_ptr& why) {
    try {
        detail::encode_exception(responses_->begin_exception(item), why);
    } catch (...) {
        // The exception does not fit into what memory there is; that it does not is said instead.
        responses_->abandon_value();
        detail::encode_exception(responses_->begin_exception(item),
                                 std::make_exception_ptr(std::bad_alloc()));
    }
    responses_->end_value();
}

} // namespace procpool::serving

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/claimed_items.hpp"

#include "channel/claim.hpp"
#include "channel/damage.hpp"
#include "os/fault_point.hpp"
#include "os/process_fence.hpp"

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
    // Where faults are injected, each item passes each step.
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
    if (!got.empty() && got.last > frame_->items) // an item that the frame does not have
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

/// Under the lock: what is behind the next item, for which the other thread has no fence.
void claimed_items::give_back_own() {
    if (end_ - first_ < 2 || !channel::give_back(*word_, first_ + 1, end_))
        return;
    end_ = first_ + 1;
    until_ = channel::with_item(until_, end_);
    tell_parent();
}

/// Under the lock. The claim word itself may say the same again before the parent looks, so it is counted.
void claimed_items::tell_parent() noexcept {
    control_->given_back.fetch_add(1, std::memory_order_release);
    parent_->wake_parent();
}

void claimed_items::give_back(std::uint64_t frame) {
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
    if (channel::frame_of(begun) != frame || keep_until >= end ||
        !channel::give_back(*word_, keep_until, end))
        return;
    until_ = channel::with_item(frame, keep_until);
    tell_parent();
}

} // namespace procpool::serving

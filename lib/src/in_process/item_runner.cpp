// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "in_process/item_runner.hpp"

#include "call/item_bytes.hpp"
#include "channel/layout.hpp"
#include "error/exception_transport.hpp"
#include "in_process/in_process_pool.hpp"

#include <procpool/detail/run/layout.hpp>

#include <array>
#include <new>
#include <utility>

namespace procpool::in_process {

item_runner::item_runner(in_process_pool& pool, const piece& what, std::uint64_t sequence) noexcept
    : pool_(&pool)
    , owner_(what.of->owner)
    , timed_(what.of->timeout.count() > 0)
    , run_(what.of->run)
    , number_(static_cast<std::uint32_t>(what.of->index_base + what.first)) {
    items_.what = what;
    items_.sequence = sequence;
    items_.end = what.items;
}

void item_runner::run() noexcept {
    auto* const before = serving::running_task::set(this);
    try {
        run_(*this);
    } catch (...) { // there is no memory for an outcome
        fail_rest(std::current_exception());
    }
    serving::running_task::set(before);
}

void item_runner::copy_arguments() {
    const auto& job = *items_.what.of;
    const auto all = job.arguments.bytes();
    const auto items = detail::bytes_of_items(job, items_.what.first, items_.what.items);
    copy_.write_bytes(all.data(), job.items_offset);
    copy_.align(detail::item_alignment);
    arguments_at_ = copy_.size();
    copy_.write_bytes(all.data() + items.begin, items.end - items.begin);
}

std::span<const std::byte> item_runner::function() const noexcept {
    return copy_.bytes().first(arguments_at_);
}

std::span<const std::byte> item_runner::arguments() const noexcept {
    return copy_.bytes().subspan(arguments_at_);
}

bool item_runner::next(std::uint32_t& item) {
    if (!std::exchange(taken_, false) && !pool_->begin_item(*this))
        return false;
    item = items_.begun - 1;
    return true;
}

detail::packed_items item_runner::next_packed(std::size_t size) {
    detail::packed_items out;
    packed_room_.clear();
    packed_room_.reserve(size);
    static constexpr std::array<std::byte, detail::max_packed_bytes> zeros{};
    packed_room_.write_bytes(zeros.data(), size);
    if (!next(out.first))
        return out;
    out.count = 1;
    out.room = const_cast<std::byte*>(packed_room_.bytes().data()); // its own memory
    out.running = &running_;
    out.complete = &complete_;
    out.interrupted = &interrupted_;
    return out;
}

void item_runner::packed(std::uint32_t count, std::size_t) noexcept {
    if (count == 0)
        taken_ = true; // it threw, and its exception follows
    else
        deliver(channel::record_kind::values, packed_room_.bytes());
}

/// Outcomes are laid out like items whose arguments vary in size.
void item_runner::begin_outcome() {
    const detail::item_head head;
    outcome_.clear();
    outcome_.write_bytes(&head, sizeof head);
}

void item_runner::end_outcome(channel::record_kind kind) {
    detail::item_head head;
    head.bytes = outcome_.size() - sizeof head;
    outcome_.overwrite(0, &head, sizeof head);
    deliver(kind, outcome_.bytes());
    outcome_.clear(); // also lets go what the outcome refers to
}

encoder& item_runner::begin_value(std::uint32_t) {
    begin_outcome();
    return outcome_;
}

void item_runner::end_value() {
    end_outcome(channel::record_kind::values);
}

void item_runner::abandon_value() {
    outcome_.clear();
}

void item_runner::failed(std::uint32_t, const std::exception_ptr& why) {
    begin_outcome();
    detail::encode_exception(outcome_, why);
    end_outcome(channel::record_kind::exception);
}

void item_runner::deliver(channel::record_kind kind, std::span<const std::byte> bytes) noexcept {
    delivers_ = true;
    auto* const task = serving::running_task::set(nullptr); // a codec that reads an outcome is in no task
    pool_->settle(*this, kind, bytes);
    serving::running_task::set(task);
    delivers_ = false;
    reported_.store(0, std::memory_order_relaxed);
}

void item_runner::fail_rest(const std::exception_ptr& why) noexcept {
    delivers_ = true;
    pool_->fail_rest(*this, why);
    delivers_ = false;
}

std::stop_token item_runner::stop_token() {
    return pool_->stop_token();
}

std::uint64_t item_runner::seed() const noexcept {
    return serving::seed_of(pool_->seed(), number_ + items_.begun - 1);
}

} // namespace procpool::in_process

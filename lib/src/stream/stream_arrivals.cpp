// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/stream/stream_arrivals.hpp>

#include <utility>

namespace procpool::detail {

stream_part::stream_part(pool_core& core, stream_arrivals& stream) noexcept : job(core), stream_(&stream) {
    owner = &stream;
}

void stream_part::settled() noexcept {
    arguments.clear();
    stream_->arrive(*this);
}

stream_arrivals::stream_arrivals(pool_core& core, order in, std::shared_ptr<progress_meter> meter)
    : result_base(core)
    , core_(core)
    , order_(in)
    , meter_(std::move(meter))
    , told_(meter_ ? new awaited(core) : nullptr) {
    if (!meter_)
        return;
    core_.prepare_callbacks();
    tells_the_end_.emplace_back([meter = meter_] { meter->finish(); });
}

bool stream_arrivals::wait_for(const stream_part* part, deadline until) {
    boost::intrusive_ptr<awaited> arrival;
    try {
        arrival.reset(new awaited(core_));
    } catch (...) {
        core_.submit_more({}, false); // the pool may expect that the reader waits, and so collects
        throw;
    }
    bool here = false;
    {
        const std::lock_guard lock(mutex_);
        here = part != nullptr ? part->arrived() : first_ != nullptr;
        if (!here) {
            reader_ = arrival;
            wanted_ = part;
        }
    }
    if (here)
        core_.submit_more({}, false); // likewise
    return here || arrival->wait(until);
}

stream_part* stream_arrivals::take() noexcept {
    const std::lock_guard lock(mutex_);
    last_ = nullptr;
    return std::exchange(first_, nullptr);
}

void stream_arrivals::expect(std::size_t items) noexcept {
    if (!meter_)
        return;
    bool complete = false;
    {
        const std::lock_guard lock(mutex_);
        expected_ = items;
        complete = is_complete();
        if (complete || !end_told_)
            meter_->expect(items);
    }
    if (complete)
        tell_the_end();
}

bool stream_arrivals::wait_until_told(deadline until) {
    return !told_ || core_.in_callback() || told_->ready() || core_.wait_for_callback(*told_, until);
}

void stream_arrivals::arrive(stream_part& part) noexcept {
    const auto keep = std::move(part.stream_);
    const auto items = part.items;
    boost::intrusive_ptr<awaited> woken;
    bool unwanted = false;
    bool complete = false;
    if (meter_)
        meter_->add(items);
    {
        const std::lock_guard lock(mutex_);
        unwanted = abandoned_;
        settled_ += items;
        complete = is_complete();
        if (!unwanted && (wanted_ == nullptr || wanted_ == &part))
            woken = std::move(reader_);
        if (!unwanted && order_ == order::completion)
            append(part);
        else if (!unwanted)
            part.arrived_.store(true, std::memory_order_release); // now the reader may destroy the part
    }
    if (unwanted)
        delete &part;
    if (woken)
        woken->finish();
    if (complete)
        tell_the_end();
}

void stream_arrivals::append(stream_part& part) noexcept {
    if (last_ != nullptr)
        last_->next_ = &part;
    else
        first_ = &part;
    last_ = &part;
}

/// Whether every item has its outcome, for the first time.
bool stream_arrivals::is_complete() noexcept {
    return meter_ && !abandoned_ && expected_ == settled_ && !std::exchange(end_told_, true);
}

void stream_arrivals::tell_the_end() noexcept {
    intrusive_ptr_add_ref(told_.get());
    tells_the_end_.back().then_publish(*told_);
    core_.run_callbacks(tells_the_end_);
}

} // namespace procpool::detail

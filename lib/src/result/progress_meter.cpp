// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/progress_meter.hpp>

#include <chrono>
#include <utility>

namespace procpool::detail {
namespace {

constexpr std::chrono::milliseconds interval{100};

} // namespace

progress_meter::progress_meter(pool_core& core, std::function<void(const progress&)> told)
    : core_(&core)
    , told_(std::move(told))
    , throttle_(std::chrono::steady_clock::now(), interval) {}

std::shared_ptr<progress_meter> progress_meter::make(pool_core& core,
                                                     const std::function<void(const progress&)>& told) {
    return told ? std::make_shared<progress_meter>(core, told) : nullptr;
}

void progress_meter::add(std::size_t items) noexcept {
    done_.fetch_add(items, std::memory_order_relaxed);
    if (!throttle_.due(std::chrono::steady_clock::now()) || posted_.exchange(true, std::memory_order_relaxed))
        return;
    try {
        core_->run_callback([self = shared_from_this()] { self->report(); });
    } catch (...) {
        posted_.store(false, std::memory_order_relaxed); // no memory now; the next item tries again
    }
}

/// Reports the current numbers, so that they never decrease. `finish` reports the end.
void progress_meter::report() {
    posted_.store(false, std::memory_order_relaxed);
    const auto done = done_.load(std::memory_order_relaxed);
    const auto total = total_.load(std::memory_order_relaxed);
    if (told_ && done != total)
        told_({done, total != unknown ? std::optional(total) : std::nullopt});
}

void progress_meter::finish() {
    const auto told = std::exchange(told_, nullptr);
    const auto total = total_.load(std::memory_order_relaxed);
    told({total, total});
}

} // namespace procpool::detail

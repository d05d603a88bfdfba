// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "stats/item_counts.hpp"

#include <algorithm>
#include <chrono>

namespace procpool::counting {
namespace {

using std::chrono::nanoseconds;

/// A worker that reports a longer time, in nanoseconds, has written nonsense: ten years.
constexpr std::uint64_t longest = std::uint64_t{10} * 365 * 24 * 3600 * 1'000'000'000;

nanoseconds in_nanoseconds(std::uint64_t time) noexcept {
    return nanoseconds(static_cast<std::int64_t>(time));
}

} // namespace

void item_counts::ended(ending how, std::uint64_t items) noexcept {
    switch (how) {
    case ending::succeeded:
        stats_->succeeded += items;
        break;
    case ending::threw:
        stats_->threw += items;
        break;
    case ending::lost:
        stats_->lost += items;
        break;
    case ending::timed_out:
        stats_->timed_out += items;
        break;
    case ending::cancelled:
        stats_->cancelled += items;
        break;
    case ending::abandoned:
        stats_->abandoned += items;
        break;
    }
}

void item_counts::ran(ending how, std::uint32_t items, item_times times) noexcept {
    ended(how, items);
    if (!worked(items, times))
        return;
    const auto waited = std::max(times.begun, times.submitted) - times.submitted;
    if (waited > longest)
        return;
    if (items == 1) {
        stats_->wait.add(in_nanoseconds(waited));
        stats_->run.add(in_nanoseconds(times.each));
        return;
    }
    stats_->wait.add_series(in_nanoseconds(waited), in_nanoseconds(times.each), items);
    stats_->run.add_series(in_nanoseconds(times.each), nanoseconds::zero(), items);
}

bool item_counts::worked(std::uint32_t items, item_times& times) noexcept {
    if (times.each == 0 || static_cast<double>(times.each) * items > static_cast<double>(longest))
        return false;
    if (times.begun < times.submitted) {
        const auto together = times.each * items;
        times.each = (together - std::min(together, times.submitted - times.begun)) / items;
        times.begun = times.submitted;
    }
    const auto most = nanoseconds::max() - stats_->busy_time;
    stats_->busy_time += std::min(in_nanoseconds(times.each * items), most);
    return true;
}

pool_stats item_counts::stats(std::uint64_t running) const noexcept {
    auto out = *stats_;
    out.running = running;
    out.queued = out.submitted - (running + out.succeeded + out.threw + out.lost + out.timed_out +
                                  out.cancelled + out.abandoned);
    return out;
}

} // namespace procpool::counting

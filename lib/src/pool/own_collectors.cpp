// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/own_collectors.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace procpool::pooling {

own_collector::~own_collector() {
    if (thread.joinable())
        thread.join();
}

std::vector<std::unique_ptr<own_collector>> own_collectors::take_ended() {
    std::vector<std::unique_ptr<own_collector>> ended;
    ended.reserve(all_.size());
    const auto kept =
        std::stable_partition(all_.begin(), all_.end(),
                              [](const std::unique_ptr<own_collector>& each) { return !each->has_ended; });
    std::move(kept, all_.end(), std::back_inserter(ended));
    all_.erase(kept, all_.end());
    return ended;
}

bool own_collectors::all_have_ended() const noexcept {
    return std::all_of(all_.begin(), all_.end(), [](const auto& each) { return each->has_ended; });
}

void own_collectors::join() {
    for (const auto& each : all_)
        each->thread.join();
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/this_task.hpp>

#include "worker/frame_runner.hpp"
#include "worker/running_item.hpp"

#include <algorithm>
#include <stdexcept>

namespace procpool {
namespace {

serving::frame_runner& runner_of_this_thread() {
    auto* const runner = serving::frame_runner::of_this_thread();
    if (runner == nullptr)
        throw std::logic_error("procpool::this_task: this thread runs no task");
    return *runner;
}

} // namespace

bool this_task::active() noexcept {
    return serving::frame_runner::of_this_thread() != nullptr;
}

std::stop_token this_task::stop_token() {
    runner_of_this_thread();
    return serving::running_item::instance().stop_token();
}

std::uint64_t this_task::seed() {
    return runner_of_this_thread().seed();
}

void this_task::report(double fraction) {
    runner_of_this_thread().report(fraction > 0 ? std::min(fraction, 1.0) : 0.0);
}

} // namespace procpool

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/this_task.hpp>

#include "task/running_task.hpp"

#include <algorithm>
#include <stdexcept>

namespace procpool {
namespace {

serving::running_task& task_of_this_thread() {
    auto* const task = serving::running_task::of_this_thread();
    if (task == nullptr)
        throw std::logic_error("procpool::this_task: this thread runs no task");
    return *task;
}

} // namespace

bool this_task::active() noexcept {
    return serving::running_task::of_this_thread() != nullptr;
}

std::stop_token this_task::stop_token() {
    return task_of_this_thread().stop_token();
}

std::uint64_t this_task::seed() {
    return task_of_this_thread().seed();
}

void this_task::report(double fraction) {
    task_of_this_thread().report(fraction > 0 ? std::min(fraction, 1.0) : 0.0);
}

} // namespace procpool

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/item_failures.hpp"

#include "crash/stack_text.hpp"
#include "error/failure_texts.hpp"

#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace procpool::pooling {
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

} // namespace

std::exception_ptr item_lost(const detail::job& job, std::uint32_t item, long pid,
                             const worker_end& end) noexcept try {
    auto info = origin_of(job, item, pid);
    worker_lost error(detail::worker_lost_text(name_with_item(info), pid, ending_text(end)), pid,
                      end.how.exit_status, end.how.signal_number, info.task_name);
    if (!end.crash || end.crash->stack.empty())
        return detail::make_remote(std::move(error), std::move(info));
    return detail::make_remote(std::move(error), std::move(info), nullptr,
                               [stack = end.crash->stack] { return stack_text(stack); });
} catch (...) {
    return std::current_exception();
}

std::exception_ptr item_timed_out(const detail::job& job, std::uint32_t item, long pid) noexcept try {
    auto info = origin_of(job, item, pid);
    task_timeout error(detail::task_timeout_text(name_with_item(info), pid, job.timeout));
    return detail::make_remote(std::move(error), std::move(info));
} catch (...) {
    return std::current_exception();
}

std::exception_ptr item_cancelled(const detail::job& job, std::uint32_t item,
                                  std::optional<long> pid) noexcept try {
    auto info = origin_of(job, item, pid);
    task_cancelled error(detail::task_cancelled_text(name_with_item(info), pid));
    return detail::make_remote(std::move(error), std::move(info));
} catch (...) {
    return std::current_exception();
}

} // namespace procpool::pooling

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/call/job.hpp>

#include "call/retry_counts.hpp"
#include "channel/layout.hpp"

#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace procpool::detail {

void payload::destroy::operator()(outside* what) const noexcept {
    delete what;
}

payload::outside& payload::elsewhere() {
    if (!elsewhere_)
        elsewhere_.reset(new outside());
    return *elsewhere_;
}

void payload::keep(std::shared_ptr<const void> what) {
    elsewhere().kept.push_back(std::move(what));
}

void payload::cut(const position& to) noexcept {
    rewind(to.bytes);
    if (elsewhere_)
        elsewhere_->kept.resize(to.kept);
}

void payload::grow(std::size_t more) {
    auto& out = elsewhere();
    const auto needed = size() + more;
    const auto wanted = std::max(needed, 2 * capacity());
    if (needed <= channel::inline_limit_bytes) {
        const auto enough = std::min<std::size_t>(wanted, channel::inline_limit_bytes);
        auto bigger = std::make_unique_for_overwrite<std::byte[]>(enough);
        std::memcpy(bigger.get(), base(), size());
        rebase(bigger.get(), enough);
        out.heap = std::move(bigger);
        return;
    }
    // The first block has the needed size; only a payload that outgrew its block gets room to grow further.
    const auto block = core_->allocate_arguments(out.shared.data != nullptr ? wanted : needed);
    std::memcpy(block.data, base(), size());
    rebase(block.data, static_cast<std::size_t>(block.bytes));
    out.heap.reset();
    if (out.shared.data != nullptr)
        core_->free_arguments(out.shared);
    out.shared = block;
}

void payload::leave_elsewhere() noexcept {
    rebase(inline_, sizeof inline_);
    if (elsewhere_->shared.data != nullptr)
        core_->free_arguments(elsewhere_->shared);
    elsewhere_.reset();
}

void require_time(const std::optional<std::chrono::nanoseconds>& timeout) {
    if (timeout && timeout->count() <= 0)
        throw std::invalid_argument("procpool: a timeout is not positive; no task runs in no time");
}

void refuse_worker(const std::optional<std::size_t>& worker) {
    if (worker)
        throw std::invalid_argument(
            "procpool::call_options: a broadcast runs in every worker; it takes no worker");
}

void destroy_retry_counts::operator()(retry_counts* counts) const noexcept {
    delete counts;
}

void job::limit(const std::optional<std::chrono::nanoseconds>& item_timeout, unsigned item_retries,
                int item_priority) {
    require_time(item_timeout);
    timeout = item_timeout.value_or(std::chrono::nanoseconds::zero());
    retries = item_retries;
    priority = item_priority;
}

void job::pin(const std::optional<std::size_t>& to, std::size_t workers) {
    if (!to)
        return;
    if (*to >= workers)
        throw std::invalid_argument("procpool::call_options: there is no worker " + std::to_string(*to) +
                                    "; the pool has " + std::to_string(workers));
    pinned = pinning::one_worker;
    worker = static_cast<std::uint16_t>(*to); // a pool has at most 65536 workers
}

void submit_one(pool_core& core, job& what, bool caller_waits) {
    job* const one = &what;
    core.submit({&one, 1}, caller_waits);
}

void submit_counted(pool_core& core, result_base& result, job& what, bool caller_waits) {
    result.add_reference_of_pool(); // until the job is settled
    try {
        submit_one(core, what, caller_waits);
    } catch (...) {
        intrusive_ptr_release(&result);
        throw;
    }
}

bound_call::bound_call(task_runner of, std::string task, std::size_t offset, const heap_encoder& encoded)
    : run(of)
    , task_name(std::move(task))
    , items_offset(offset)
    , bytes(encoded.bytes().begin(), encoded.bytes().end())
    , kept(encoded.kept()) {}

void use_bound_call(job& to, const bound_call& what) {
    to.run = what.run;
    to.items_offset = static_cast<std::uint32_t>(what.items_offset);
    to.arguments.write_bytes(what.bytes.data(), what.bytes.size());
    for (const auto& each : what.kept)
        to.arguments.keep(each);
}

} // namespace procpool::detail

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/call/payload.hpp>

#include "channel/layout.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
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
    // What is known to be needed, and room to grow only if it has grown here before.
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

} // namespace procpool::detail

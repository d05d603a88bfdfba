// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/payload.hpp>

#include "channel/layout.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace procpool::detail {

void payload::grow(std::size_t more) {
    const auto needed = size() + more;
    const auto wanted = std::max(needed, 2 * capacity());
    if (needed <= channel::inline_limit_bytes) {
        const auto enough = std::min<std::size_t>(wanted, channel::inline_limit_bytes);
        std::unique_ptr<std::byte[], release> bigger(
            static_cast<std::byte*>(::operator new[](enough, std::align_val_t{alignment})));
        std::memcpy(bigger.get(), base(), size());
        rebase(bigger.get(), enough);
        heap_ = std::move(bigger);
        return;
    }
    // What is known to be needed, and room to grow only if it has grown here before.
    const auto block = core_->allocate_arguments(shared_.data != nullptr ? wanted : needed);
    std::memcpy(block.data, base(), size());
    rebase(block.data, static_cast<std::size_t>(block.bytes));
    heap_.reset();
    if (shared_.data != nullptr)
        core_->free_arguments(shared_);
    shared_ = block;
}

void payload::clear() noexcept {
    kept_.clear();
    rewind(0);
    rebase(inline_, sizeof inline_);
    heap_.reset();
    if (shared_.data != nullptr)
        core_->free_arguments(std::exchange(shared_, {}));
}

} // namespace procpool::detail

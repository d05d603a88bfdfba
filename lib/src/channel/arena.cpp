// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/arena.hpp"

#include <iterator>
#include <utility>

namespace procpool::channel {

arena::arena(std::uint64_t first, std::uint64_t bytes, std::uint64_t page_bytes,
             std::uint64_t warm_limit_bytes)
    : page_(page_bytes)
    , warm_limit_(warm_limit_bytes) {
    if (bytes != 0)
        free_.emplace(first, range{bytes, false});
}

std::optional<arena::allocation> arena::allocate(std::uint64_t bytes) {
    if (bytes > UINT64_MAX - page_)
        return std::nullopt;
    const auto wanted = bytes == 0 ? page_ : (bytes + page_ - 1) / page_ * page_;
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
        if (it->second.bytes < wanted)
            continue;
        const bool better = best == free_.end() || (it->second.warm && !best->second.warm) ||
                            (it->second.warm == best->second.warm && it->second.bytes < best->second.bytes);
        if (better)
            best = it;
    }
    if (best == free_.end())
        return allocate_across(wanted);
    const auto offset = best->first;
    const auto whole = best->second;
    if (whole.bytes == wanted) {
        taken_.insert(free_.extract(best));
    } else {
        taken_.emplace(offset, range{wanted, false}); // the last step that can fail
        auto rest = free_.extract(best);
        rest.key() = offset + wanted;
        rest.mapped().bytes -= wanted;
        free_.insert(std::move(rest));
    }
    if (whole.warm)
        warm_ -= wanted;
    allocated_ += wanted;
    return allocation{{offset, wanted}, whole.warm};
}

/// Allocates from adjacent free blocks, none of which is large enough alone. The result counts as cold, since
/// a part of it is cold.
std::optional<arena::allocation> arena::allocate_across(std::uint64_t wanted) {
    auto from = free_.begin();
    std::uint64_t together = 0;
    for (auto it = free_.begin(); it != free_.end(); ++it) {
        if (from->first + together != it->first) {
            from = it;
            together = 0;
        }
        together += it->second.bytes;
        if (together < wanted)
            continue;
        const auto offset = from->first;
        const range rest{together - wanted, it->second.warm};
        const auto behind = std::next(it);
        for (auto each = from; each != behind; ++each)
            warm_ -= each->second.warm ? each->second.bytes : 0;
        if (rest.bytes != 0) { // the rest of the last block stays free; it is not the first block
            auto last = free_.extract(it);
            last.key() = offset + wanted;
            last.mapped() = rest;
            free_.insert(std::move(last));
            warm_ += rest.warm ? rest.bytes : 0;
        }
        taken_.insert(free_.extract(from++));
        free_.erase(from, free_.lower_bound(offset + wanted));
        allocated_ += wanted;
        return allocation{{offset, wanted}, false};
    }
    return std::nullopt;
}

void arena::free_warm(block freed) noexcept {
    warm_ += freed.bytes;
    free(freed, true);
}

void arena::free_cold(block freed) noexcept {
    free(freed, false);
}

void arena::free(block freed, bool warm) noexcept {
    allocated_ -= freed.bytes;
    auto node = taken_.extract(freed.offset);
    node.mapped() = {freed.bytes, warm};
    const auto joins = [&](const ranges::value_type& before, const ranges::value_type& behind) {
        return before.second.warm == behind.second.warm && before.first + before.second.bytes == behind.first;
    };
    auto here = free_.insert(std::move(node)).position;
    if (const auto after = std::next(here); after != free_.end() && joins(*here, *after)) {
        here->second.bytes += after->second.bytes;
        free_.erase(after);
    }
    if (here == free_.begin())
        return;
    if (const auto before = std::prev(here); joins(*before, *here)) {
        before->second.bytes += here->second.bytes;
        free_.erase(here);
    }
}

} // namespace procpool::channel

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
    auto rest = free_.extract(best); // nothing here allocates, so nothing fails half-way
    if (whole.bytes > wanted) {
        rest.key() = offset + wanted;
        rest.mapped().bytes -= wanted;
        free_.insert(std::move(rest));
    }
    if (whole.warm)
        warm_ -= wanted;
    allocated_ += wanted;
    return allocation{{offset, wanted}, whole.warm};
}

/// From neighbours none of which is large enough. The block counts as cold: part of it is.
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
        free_.erase(from, behind);
        if (rest.bytes != 0) {
            free_.emplace(offset + wanted, rest);
            warm_ += rest.warm ? rest.bytes : 0;
        }
        allocated_ += wanted;
        return allocation{{offset, wanted}, false};
    }
    return std::nullopt;
}

void arena::free_warm(block freed) {
    allocated_ -= freed.bytes;
    warm_ += freed.bytes;
    insert(freed.offset, {freed.bytes, true});
}

void arena::free_cold(block freed) {
    allocated_ -= freed.bytes;
    insert(freed.offset, {freed.bytes, false});
}

void arena::insert(std::uint64_t offset, range what) {
    auto after = free_.lower_bound(offset);
    if (after != free_.end() && after->first == offset + what.bytes && after->second.warm == what.warm) {
        what.bytes += after->second.bytes;
        after = free_.erase(after);
    }
    if (after != free_.begin()) {
        const auto before = std::prev(after);
        if (before->first + before->second.bytes == offset && before->second.warm == what.warm) {
            before->second.bytes += what.bytes;
            return;
        }
    }
    free_.emplace_hint(after, offset, what);
}

} // namespace procpool::channel

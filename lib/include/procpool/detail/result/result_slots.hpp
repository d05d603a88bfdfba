// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_RESULT_SLOTS_HPP
#define PROCPOOL_DETAIL_RESULT_RESULT_SLOTS_HPP

#include <cstddef>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

/// Collects the results of a map, in any order.
///
/// Thread safety: `store` for different items from any thread.
template <class R>
class result_slots {
  public:
    void resize(std::size_t items) { slots_.resize(items); }

    void store(std::size_t item, R&& value) {
        if constexpr (direct)
            slots_[item] = std::move(value);
        else
            slots_[item].emplace(std::move(value)); // R need not be assignable
    }

    /// Stores consecutive values, whose bytes are those in memory.
    ///
    /// Requires: `direct`.
    void store_bytes(std::size_t item, std::size_t count, const std::byte* values) noexcept {
        if (count != 0)
            std::memcpy(static_cast<void*>(&slots_[item]), values, count * sizeof(R));
    }

    /// Requires: every item was stored.
    std::vector<R> take() {
        if constexpr (direct) {
            return std::move(slots_);
        } else {
            std::vector<R> out;
            out.reserve(slots_.size());
            for (auto& slot : slots_)
                out.push_back(std::move(*slot));
            return out;
        }
    }

    // Values are stored directly in the result vector if a T can be made before its value is known. Not for
    // bool: neighbours in a std::vector<bool> share a byte.
    static constexpr bool direct = std::is_trivially_copyable_v<R> && std::is_default_constructible_v<R> &&
                                   std::is_copy_assignable_v<R> && !std::is_same_v<R, bool>;

  private:
    std::vector<std::conditional_t<direct, R, std::optional<R>>> slots_;
};

template <>
class result_slots<void> {
  public:
    static constexpr bool direct = false;
    void resize(std::size_t) noexcept {}
    void store(std::size_t) noexcept {}
};

} // namespace procpool::detail

#endif

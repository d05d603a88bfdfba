// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_MAP_CALL_HPP
#define PROCPOOL_DETAIL_CALL_MAP_CALL_HPP

#include <procpool/detail/call/chunk_plan.hpp>
#include <procpool/detail/call/item_codec.hpp>
#include <procpool/detail/call/items_call.hpp>
#include <procpool/detail/call/items_chunk.hpp>
#include <procpool/detail/call/range_submission.hpp>
#include <procpool/detail/codec/plain_value.hpp>
#include <procpool/detail/result/result_slots.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/detail/run/result_layout.hpp>
#include <procpool/options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

template <class R>
struct map_result {
    using type = std::vector<R>;
};
template <>
struct map_result<void> {
    using type = void;
};
template <class R>
using map_result_t = typename map_result<R>::type;

/// The result of a map or starmap, to which its chunks write.
template <class R>
class map_call final : public items_call<map_result_t<R>> {
  public:
    explicit map_call(pool_core& core) noexcept : items_call<map_result_t<R>>(core) {}

    template <class... Value>
    void store(std::size_t item, Value&&... value) {
        slots_.store(item, std::forward<Value>(value)...);
    }

    /// Whether a value is stored in the same form in which it is encoded.
    static constexpr bool stores_bytes = [] {
        if constexpr (result_slots<R>::direct)
            return results_are_packed<R>() && !holds_bool<R>();
        else
            return false;
    }();
    void store_bytes(std::size_t item, std::size_t count, const std::byte* values) noexcept {
        slots_.store_bytes(item, count, values);
    }

  private:
    void make_room(std::size_t items) override { slots_.resize(items); }
    void make_value() override {
        if constexpr (std::is_void_v<R>)
            this->value_.emplace();
        else
            this->value_.emplace(slots_.take());
    }

    result_slots<R> slots_;
};

/// Consecutive items of a map.
template <class Task, class Sig>
class map_chunk final : public items_chunk<map_call<typename Sig::result>> {
  public:
    using typename items_chunk<map_call<typename Sig::result>>::whole;

    map_chunk(pool_core& core, whole& of, const Task& function, std::size_t first)
        : items_chunk<whole>(core, of, first) {
        describe_items<Task, Sig>(*this);
        encode_prefix(*this, function);
    }

  private:
    void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                   long pid) noexcept override {
        if constexpr (whole::stores_bytes) {
            if (values.size() >= count * sizeof(typename Sig::result)) {
                this->of().store_bytes(this->index_of(first), count, values.data());
                this->of().progressed(count);
                return;
            }
        }
        decode_items<typename Sig::result>(
            values, count,
            [&](std::uint32_t i, auto&&... value) {
                this->of().store(this->index_of(first + i), std::forward<decltype(value)>(value)...);
            },
            [&](std::uint32_t i) {
                this->of().fail(this->index_of(first + i), result_not_decoded(*this, first + i, pid));
            });
        this->of().progressed(count);
    }
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }
};

/// Starts a map or starmap.
///
/// Errors: those of `submit_range`.
template <class Spread, class Task, class Range>
auto start_map(pool_core& core, const Task& function, Range&& range, const chunk_plan& plan,
               const map_options& options) {
    using sig = map_signature<Spread, Task, Range>;
    using chunk = map_chunk<Task, sig>;
    const boost::intrusive_ptr<typename chunk::whole> whole(new typename chunk::whole(core));
    submit_range<Spread, sig>(
        core, *whole, function, std::forward<Range>(range), plan, options,
        [&](std::size_t index) { return std::make_unique<chunk>(core, *whole, function, index); });
    return result_ptr<map_result_t<typename sig::result>>(whole);
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_REDUCE_CALL_HPP
#define PROCPOOL_DETAIL_CALL_REDUCE_CALL_HPP

#include <procpool/detail/call/items_call.hpp>
#include <procpool/detail/call/job_encoding.hpp>
#include <procpool/detail/call/range_submission.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/detail/run/reduction.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>

namespace procpool::detail {

/// The result of a map_reduce. When all partial results of the workers have arrived, they are combined here,
/// in the order of the items.
template <class T, class Reducer>
class reduce_call final : public items_call<T> {
  public:
    reduce_call(pool_core& core, const Reducer& reducer, T init)
        : items_call<T>(core)
        , reducer_(callable_of(reducer))
        , init_(std::move(init)) {}

    /// Adds `value`, the combined result of items [first, first + count).
    ///
    /// An item may run again because its worker died after it had reported the combined value and before it
    /// had reported the items as finished. Such an item is counted once.
    void add(std::size_t first, std::size_t count, T value) {
        const std::lock_guard lock(mutex_);
        const auto after = partials_.upper_bound(first);
        if (after == partials_.begin() || std::prev(after)->second.end <= first)
            partials_.emplace_hint(after, first, partial{first + count, std::move(value)});
    }

  private:
    struct partial {
        std::size_t end;
        T value;
    };

    void make_room(std::size_t) override {}
    void make_value() override {
        std::optional<T> total(std::move(init_));
        for (auto& [first, each] : partials_) {
            T combined = reducer_(std::move(*total), std::move(each.value));
            total.emplace(std::move(combined));
        }
        partials_.clear();
        this->value_.emplace(std::move(*total));
    }

    decltype(callable_of(std::declval<const Reducer&>())) reducer_;
    T init_;
    std::mutex mutex_;
    std::map<std::size_t, partial> partials_; // by their first items
};

/// Consecutive items of a map_reduce.
template <class Task, class Reducer, class Sig, class T>
class reduce_chunk final : public items_chunk<reduce_call<T, Reducer>> {
  public:
    using typename items_chunk<reduce_call<T, Reducer>>::whole;

    reduce_chunk(pool_core& core, whole& of, const Task& function, const Reducer& reducer, std::size_t first)
        : items_chunk<whole>(core, of, first) {
        describe_items<Sig>(*this, &run_reduction<Task, Reducer, Sig, T>);
        encode_prefix(*this, function, reducer);
        this->gathers = true;
    }

  private:
    void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                   long pid) noexcept override {
        item_cursor cursor(values);
        for (std::uint32_t i = 0; i != count; ++i) {
            const auto item = first + i;
            try {
                const auto bytes = cursor.next();
                if (!bytes)
                    throw_codec_error("the results end too early");
                if (bytes->empty())
                    continue; // counted with an earlier value
                decoder in(*bytes);
                const auto together = in.read<std::uint32_t>();
                if (together == 0 || together > this->items - item)
                    throw_codec_error("more items were combined than there are");
                this->of().add(this->index_of(item), together, in.read<T>());
            } catch (...) {
                this->of().fail(this->index_of(item), result_not_decoded(*this, item, pid));
            }
        }
        this->of().progressed(count);
    }
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }
};

/// Starts a map_reduce.
///
/// Errors: those of `submit_range`.
template <class T, class Task, class Range, class Reducer>
result_ptr<T> start_reduction(pool_core& core, const Task& function, Range&& range, const Reducer& reducer,
                              T init, const chunk_plan& plan, const map_options& options) {
    using sig = map_signature<whole_item, Task, Range>;
    using chunk = reduce_chunk<Task, Reducer, sig, T>;
    const boost::intrusive_ptr<typename chunk::whole> whole(
        new typename chunk::whole(core, reducer, std::move(init)));
    submit_range<whole_item, sig>(
        core, *whole, function, std::forward<Range>(range), plan, options,
        [&](std::size_t index) { return std::make_unique<chunk>(core, *whole, function, reducer, index); });
    return whole;
}

} // namespace procpool::detail

#endif

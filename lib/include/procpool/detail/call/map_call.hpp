// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_MAP_CALL_HPP
#define PROCPOOL_DETAIL_CALL_MAP_CALL_HPP

#include <procpool/detail/call/items_call.hpp>
#include <procpool/detail/call/job_encoding.hpp>
#include <procpool/detail/call/range_submission.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/detail/task/check_task.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>
#include <procpool/options.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// Items in braces in place of a range: pool.map(fn<square>, {1, 2, 3}).

namespace procpool::detail {

/// Whether a map can read a Range; if not, a static_assert reports it.
template <class Range>
consteval bool check_input() {
    constexpr bool is_input = std::ranges::input_range<Range>;
    static_assert(is_input,
                  "procpool: map, starmap, imap and map_reduce take an input range (a container, a view, a "
                  "braced list, std::views::iota(0, n)); for a single call use apply");
    return is_input;
}

/// The call_type of a task whose parameters do not depend on the arguments; void for other tasks, and for
/// types that are not tasks.
template <class Task>
consteval auto find_written_call() {
    using form = task_form<std::remove_cvref_t<Task>>;
    using callable = typename form::callable;
    if constexpr (form::is_function) {
        return std::type_identity<pointer_call_type<form::function>>{};
    } else if constexpr (std::is_class_v<callable>) {
        if constexpr (has_one_call_operator<callable>)
            return std::type_identity<operator_call_type<callable>>{};
        else
            return std::type_identity<void>{};
    } else {
        return std::type_identity<void>{};
    }
}
template <class Task>
using written_call = typename decltype(find_written_call<Task>())::type;

/// The items of a braced list from which no type can be deduced, such as {1, 2.5} or {{1, 2}, {3, 4}}: each
/// is converted to the parameter of the task. It is a class, so that a list with a type of its own prefers
/// the other overload.
template <class Item>
class braced_items {
  public:
    braced_items(std::initializer_list<Item> items) noexcept : items_(items) {}
    std::initializer_list<Item> items() const noexcept { return items_; }

  private:
    std::initializer_list<Item> items_;
};

template <class Call>
struct braced_for {};
template <class Result, class First, class... Rest>
struct braced_for<call_type<Result, First, Rest...>> {
    using whole = braced_items<stored<First>>;
    using spread = braced_items<std::tuple<stored<First>, stored<Rest>...>>;
};

template <class Task>
using braced_arguments = typename braced_for<written_call<Task>>::whole;
template <class Task>
using braced_tuples = typename braced_for<written_call<Task>>::spread;

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

/// Submits one call for every worker: a map with one item for each worker; the items share their arguments.
///
/// Errors: those of `submit`; std::invalid_argument if the options name a worker. If encoding an argument
///         throws, every item fails with that exception.
template <class Sig, class Task, class... Args>
result_ptr<map_result_t<typename Sig::result>> start_broadcast(pool_core& core, const call_options& options,
                                                               const Task& function, Args&&... args) {
    using chunk = map_chunk<Task, Sig>;
    core.require_open();
    refuse_worker(options.worker);
    const auto workers = core.size();
    const boost::intrusive_ptr<typename chunk::whole> whole(new typename chunk::whole(core));
    auto call = std::make_unique<chunk>(core, *whole, function, 0);
    call->limit(options.timeout, options.retries, options.priority);
    call->items = static_cast<std::uint32_t>(workers);
    call->pinned = pinning::each_worker;
    try {
        encode_item<Sig>(
            *call, [&](encoder& out) { encode_arguments<Sig>(out, function, std::forward<Args>(args)...); });
    } catch (...) {
        whole->expect(0, 0);
        whole->fail(0, std::current_exception());
        whole->complete();
        return whole;
    }
    whole->expect(workers, 1);
    submit_one(core, *call, false);
    static_cast<void>(call.release()); // submit did not throw, so the pool owns it
    return whole;
}

} // namespace procpool::detail

#endif

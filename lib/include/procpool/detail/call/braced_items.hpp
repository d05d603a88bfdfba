// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_BRACED_ITEMS_HPP
#define PROCPOOL_DETAIL_CALL_BRACED_ITEMS_HPP

#include <procpool/detail/task/call_type.hpp>
#include <procpool/detail/task/check_task.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>

#include <initializer_list>
#include <ranges>
#include <tuple>
#include <type_traits>

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

} // namespace procpool::detail

#endif

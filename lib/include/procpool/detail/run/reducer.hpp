// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_REDUCER_HPP
#define PROCPOOL_DETAIL_RUN_REDUCER_HPP

#include <procpool/detail/task/task_function.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

// The function that combines the results of map_reduce: a task, but called with two values at a time, in the
// worker that has the values or in the parent.

namespace procpool::detail {

/// A copy of the task's function, to be called in this process.
template <class Task>
auto callable_of(const Task& task) {
    using form = form_of<Task>;
    if constexpr (form::is_function)
        return form::function;
    else if constexpr (form::is_by_value)
        return task.function;
    else
        return Task(task);
}

/// Whether Reducer combines two values of type T into one; R is the return type of the mapped task.
template <class T, class R, class Reducer>
consteval bool check_reducer() {
    if constexpr (!check_task<Reducer>()) {
        return false;
    } else if constexpr (!check_encodable<T>()) {
        return false;
    } else if constexpr (!std::convertible_to<R, T>) {
        static_assert(never<R>, "procpool: what the task returns does not convert to the type of init, which "
                                "map_reduce combines it with; convert in the task, or pass another init");
        return false;
    } else if constexpr (!std::is_invocable_r_v<T, decltype(callable_of(std::declval<const Reducer&>()))&, T,
                                                T>) {
        static_assert(never<Reducer>,
                      "procpool: the reducer of map_reduce combines two values of the type of init into one: "
                      "T reducer(T, T)");
        return false;
    } else {
        return true;
    }
}

} // namespace procpool::detail

#endif

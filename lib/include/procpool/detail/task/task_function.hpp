// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_TASK_FUNCTION_HPP
#define PROCPOOL_DETAIL_TASK_TASK_FUNCTION_HPP

// The properties of a task that do not depend on a call: its name, and its state as bytes.

#include <procpool/codec.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/detail/codec/type_name.hpp>
#include <procpool/detail/task/check_task.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

namespace procpool::detail {

/// Whether T is meant to be a task: a function object, or a type for which check_task() has better advice.
template <class T>
concept task_like = std::is_function_v<std::remove_pointer_t<std::remove_cvref_t<T>>> ||
    std::is_member_pointer_v<std::remove_cvref_t<T>> || is_refused<std::remove_cvref_t<T>> ||
    form_of<T>::is_function || form_of<T>::is_by_value || has_call_operator<std::remove_cvref_t<T>>();

/// Whether the task itself has no state to send. keywords<f>() has none: defaults are filled in by the
/// caller.
template <class Task>
inline constexpr bool is_stateless_task =
    form_of<Task>::is_function || is_stateless_function<typename form_of<Task>::callable>;

/// Encodes the state of the task itself, if it has any.
template <class Task>
void encode_function([[maybe_unused]] encoder& out, [[maybe_unused]] const Task& task) {
    if constexpr (is_refused<Task> || is_stateless_task<Task>)
        return;
    else if constexpr (form_of<Task>::is_by_value)
        out.write_bytes(std::addressof(task.function), sizeof(task.function));
    else if constexpr (encodable<Task>)
        out.write(task);
}

/// Makes a callable from the output of encode_function().
template <class Task>
auto decode_function([[maybe_unused]] decoder& in) {
    using task = std::remove_cvref_t<Task>;
    using callable = typename form_of<task>::callable;
    if constexpr (form_of<task>::is_function) {
        return form_of<task>::function;
    } else if constexpr (is_stateless_task<task>) {
        return callable{};
    } else if constexpr (form_of<task>::is_by_value) {
        std::array<std::byte, sizeof(callable)> bytes;
        in.read_bytes(bytes.data(), bytes.size());
        return value_of_bytes<callable>(bytes.data());
    } else if constexpr (encodable<task>) {
        return in.read<task>();
    } else {
        return refused_task{};
    }
}

/// The task's name for error messages: "space::sieve" for fn<space::sieve> and for
/// keywords<space::sieve>(...), else the name of the type. In static storage.
template <class Task>
std::string_view task_name() noexcept {
    using form = form_of<Task>;
    if constexpr (form::is_function) {
        static constexpr std::string_view name = function_name<form::function>();
        return name;
    } else {
        static constexpr std::string_view name = type_name<typename form::callable>();
        return name;
    }
}

} // namespace procpool::detail

#endif

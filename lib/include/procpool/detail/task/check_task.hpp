// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_CHECK_TASK_HPP
#define PROCPOOL_DETAIL_TASK_CHECK_TASK_HPP

// Checks whether a type can be a task; if not, one static_assert says what to write instead.

#include <procpool/by_value.hpp>
#include <procpool/detail/codec/type_name.hpp>
#include <procpool/detail/task/call_type.hpp>
#include <procpool/detail/task/check_function.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>
#include <procpool/fn.hpp>
#include <procpool/keywords.hpp>

#include <functional>
#include <type_traits>

namespace procpool::detail {

/// The form of the task Task. The primary template: an object that is called.
template <class Task>
struct task_form {
    using callable = Task;
    static constexpr bool is_function = false;
    static constexpr bool is_keywords = false;
    static constexpr bool is_by_value = false;
};
template <auto Function>
struct task_form<function_task<Function>> {
    using callable = function_task<Function>;
    static constexpr bool is_function = true;
    static constexpr bool is_keywords = false;
    static constexpr bool is_by_value = false;
    static constexpr auto function = Function;
};
template <auto Function, class Names, class Defaults>
struct task_form<keywords_task<Function, Names, Defaults>> {
    using callable = function_task<Function>;
    static constexpr bool is_function = true;
    static constexpr bool is_keywords = true;
    static constexpr bool is_by_value = false;
    static constexpr auto function = Function;
};
template <class Function>
struct task_form<by_value_task<Function>> {
    using callable = Function;
    static constexpr bool is_function = false;
    static constexpr bool is_keywords = false;
    static constexpr bool is_by_value = true;
};

template <class Task>
using form_of = task_form<std::remove_cvref_t<Task>>;

/// Adds one operator() to the class that is examined.
struct call_operator_probe {
    void operator()();
};
template <class Class>
struct with_probe : Class, call_operator_probe {};

/// Whether class Class has an operator() of any kind, including overloads and templates.
template <class Class>
consteval bool has_call_operator() {
    if constexpr (std::is_final_v<Class> || !std::is_class_v<Class>)
        return has_one_call_operator<Class>;
    else
        return !has_one_call_operator<with_probe<Class>>;
}

/// Whether the type of a callable object determines its value.
template <class Function>
inline constexpr bool is_stateless_function =
    std::is_empty_v<Function>&& std::is_default_constructible_v<Function>;

template <class T>
inline constexpr bool is_std_function = false;
template <class Signature>
inline constexpr bool is_std_function<std::function<Signature>> = true;

template <class Function>
consteval bool check_callable() {
    if constexpr (std::is_function_v<std::remove_pointer_t<Function>>) {
        static_assert(never<Function>,
                      "procpool: a pointer to a function means nothing in another process; for a "
                      "function f write procpool::fn<f>");
        return false;
    } else if constexpr (std::is_member_pointer_v<Function>) {
        static_assert(never<Function>,
                      "procpool: a pointer to a member is not a task; write a lambda that takes the object: "
                      "[](const widget& w) { return w.area(); }");
        return false;
    } else if constexpr (is_std_function<Function>) {
        static_assert(
            never<Function>,
            "procpool: what a std::function holds cannot travel; pass the lambda or function object "
            "itself, or procpool::fn<f>");
        return false;
    } else if constexpr (std::is_bind_expression_v<Function>) {
        static_assert(never<Function>,
                      "procpool: the result of std::bind cannot travel; pass procpool::fn<f> and "
                      "its arguments, or use procpool::by_value with a lambda");
        return false;
    } else if constexpr (!has_call_operator<Function>()) {
        static_assert(
            never<Function>,
            "procpool: this is not a task; pass procpool::fn<f>, procpool::keywords<f>(...), a captureless "
            "lambda, or a function object");
        return false;
    } else {
        return true;
    }
}

template <class Function>
consteval bool check_state() {
    if constexpr (is_stateless_function<Function>) {
        return true;
    } else if constexpr (is_lambda<Function>()) {
        static_assert(
            never<Function>,
            "procpool: a capturing lambda cannot travel as it stands; pass what it captures as arguments, "
            "or, if no capture is or holds a pointer or a reference, write procpool::by_value(lambda)");
        return false;
    } else {
        return check_encodable<Function>();
    }
}

/// Whether Task (without reference) can be a task.
template <class Task>
consteval bool check_task() {
    using form = task_form<Task>;
    if constexpr (is_refused<Task>) {
        return false;
    } else if constexpr (form::is_function) {
        return check_function<form::function>();
    } else if constexpr (form::is_by_value) {
        return check_callable<typename form::callable>();
    } else if constexpr (!check_callable<Task>()) {
        return false;
    } else {
        return check_state<Task>();
    }
}

} // namespace procpool::detail

#endif

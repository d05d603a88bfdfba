// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_CHECK_TASK_HPP
#define PROCPOOL_DETAIL_TASK_CHECK_TASK_HPP

#include <procpool/detail/codec/type_name.hpp>
#include <procpool/detail/task/keyword_call.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>
#include <procpool/fn.hpp>
#include <procpool/keywords.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

// Checks whether a type can be a task; if not, one static_assert says what to write instead.

#include <procpool/by_value.hpp>

// The signature of a call of a task, or a static_assert that rejects the call.

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

/// The signature, or a rejected one that keeps the result type for code that is compiled later.
template <bool Accepted, class Result, class... Parameters>
using signature_if = std::type_identity<
    std::conditional_t<Accepted, signature<Result, stored<Parameters>...>, refused_signature<Result>>>;

template <class... Parameters, class... Arguments, std::size_t... At>
consteval bool check_arguments(std::tuple<Arguments...>*, std::index_sequence<At...>) {
    return (check_argument<At + 1, Parameters, Arguments>() && ...);
}

/// A call of a callable with parameters of its own. Result and Parameters are as declared.
template <class... Arguments, class Result, class... Parameters>
consteval auto find_written_signature(call_type<Result, Parameters...>*) {
    using result = std::decay_t<Result>;
    constexpr std::make_index_sequence<sizeof...(Parameters)> positions{};
    if constexpr (!check_result<result>())
        return std::type_identity<refused_signature<>>{};
    else if constexpr (!check_parameters<Parameters...>(positions))
        return signature_if<false, result>{};
    else if constexpr (!check_argument_count<sizeof...(Parameters), sizeof...(Arguments)>())
        return signature_if<false, result>{};
    else
        return signature_if<check_arguments<Parameters...>(static_cast<std::tuple<Arguments...>*>(nullptr),
                                                           positions),
                            result, Parameters...>{};
}

template <class Task, class... Arguments, std::size_t... At, class Result, class... Parameters>
consteval auto find_keyword_signature(std::index_sequence<At...>, call_type<Result, Parameters...>* call) {
    if constexpr (!(check_keyword_form<Arguments>() && ...) || !check_keyword_match<Task, Arguments...>())
        return signature_if<false, std::decay_t<Result>>{};
    else
        return find_written_signature<keyword_value_type<At, Task, Arguments...>...>(call);
}

/// A call of a generic lambda, or of an object with several operator(): the arguments select the overload.
template <class Function, class... Arguments>
consteval auto find_deduced_signature() {
    if constexpr (!std::is_invocable_v<const Function&, deduced_parameter<Arguments>...>) {
        static_assert(
            never<Function>,
            "procpool: the task cannot be called with these arguments as rvalues, on a const object; let "
            "it be const, take T, const T& or T&&, and give as many arguments as it takes");
        return std::type_identity<refused_signature<>>{};
    } else {
        using result = std::decay_t<std::invoke_result_t<const Function&, deduced_parameter<Arguments>...>>;
        return find_written_signature<Arguments...>(
            static_cast<call_type<result, deduced_parameter<Arguments>...>*>(nullptr));
    }
}

template <class Function>
consteval bool check_call_operator() {
    if constexpr (std::is_void_v<operator_call_type<Function>>) {
        static_assert(never<Function>,
                      "procpool: a task is called through a const object; make its operator() const (a "
                      "lambda: without mutable), and without a variable number of arguments (...)");
        return false;
    } else {
        return true;
    }
}

template <class Task, class... Arguments>
consteval auto find_signature() {
    using form = task_form<Task>;
    using callable = typename form::callable;
    if constexpr (!check_task<Task>()) {
        return std::type_identity<refused_signature<>>{};
    } else if constexpr (form::is_keywords) {
        using call = pointer_call_type<form::function>;
        return find_keyword_signature<Task, Arguments...>(std::make_index_sequence<call::arity>{},
                                                          static_cast<call*>(nullptr));
    } else if constexpr (((is_keyword_argument<Arguments> || is_bare_name<Arguments>) || ...)) {
        static_assert(never<Task>, "procpool: keyword arguments need a task that names its parameters; write "
                                   "procpool::keywords<f>(\"a\"_arg, \"b\"_arg)");
        return std::type_identity<refused_signature<>>{};
    } else if constexpr (form::is_function) {
        return find_written_signature<Arguments...>(static_cast<pointer_call_type<form::function>*>(nullptr));
    } else if constexpr (!has_one_call_operator<callable>) {
        return find_deduced_signature<callable, Arguments...>();
    } else if constexpr (!check_call_operator<callable>()) {
        return std::type_identity<refused_signature<>>{};
    } else {
        return find_written_signature<Arguments...>(static_cast<operator_call_type<callable>*>(nullptr));
    }
}

/// The number of arguments that a call of Task must pass; nullopt if it depends on the arguments.
template <class Task>
consteval std::optional<std::size_t> required_arguments() {
    using form = task_form<Task>;
    using callable = typename form::callable;
    if constexpr (form::is_keywords)
        return std::nullopt;
    else if constexpr (form::is_function)
        return pointer_call_type<form::function>::arity;
    else if constexpr (!has_one_call_operator<callable>)
        return std::nullopt;
    else if constexpr (std::is_void_v<operator_call_type<callable>>)
        return std::nullopt;
    else
        return operator_call_type<callable>::arity;
}

/// Whether Task can be called without arguments, as an initializer is.
template <class Task>
consteval bool check_takes_nothing() {
    constexpr bool takes_nothing = required_arguments<Task>().value_or(0) == 0;
    static_assert(
        takes_nothing,
        "procpool: this task has parameters, and is to be called without arguments here; give it some: "
        "procpool::bind(task, arguments...)");
    return takes_nothing;
}

/// The signature of task(arguments...), where Arguments have their value categories as in a forwarding
/// reference. If the call is invalid, one static_assert says what to write instead, and the result is a
/// refused_signature.
template <class Task, class... Arguments>
using signature_of = typename decltype(find_signature<std::remove_cvref_t<Task>, Arguments...>())::type;

template <class Tuple>
concept tuple_like = requires {
    std::tuple_size<std::remove_cvref_t<Tuple>>::value;
};

template <std::size_t At, class Tuple>
constexpr decltype(auto) tuple_element(Tuple&& tuple) noexcept {
    using std::get;
    return get<At>(std::forward<Tuple>(tuple));
}

template <class Task, class Tuple>
consteval auto find_tuple_signature() {
    if constexpr (!tuple_like<Tuple>) {
        static_assert(never<Tuple>,
                      "procpool: starmap spreads each item over the task's parameters, so an item is a "
                      "std::tuple, std::pair or std::array; for one argument a call use map");
        return std::type_identity<refused_signature<>>{};
    } else {
        return []<std::size_t... At>(std::index_sequence<At...>) {
            return find_signature<Task, decltype(tuple_element<At>(std::declval<Tuple>()))...>();
        }
        (std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>{});
    }
}

/// The signature of a call with the elements of a tuple, pair or array as its arguments.
template <class Task, class Tuple>
using signature_of_tuple = typename decltype(find_tuple_signature<std::remove_cvref_t<Task>, Tuple>())::type;

} // namespace procpool::detail

#endif

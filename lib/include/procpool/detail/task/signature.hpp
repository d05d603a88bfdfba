// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_SIGNATURE_HPP
#define PROCPOOL_DETAIL_TASK_SIGNATURE_HPP

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace procpool::detail {

/// The values that one call of a task sends and returns. Params are decayed, or views; Result is decayed, or
/// void.
template <class Result, class... Params>
struct signature {
    using result = Result;
    using params = std::tuple<Params...>;
};

/// The signature of a call that a static_assert has rejected. Code that is compiled later accepts it and does
/// nothing, so that the compiler prints only one error.
template <class Result = int>
struct refused_signature {
    using result = Result;
    using params = std::tuple<>;
};

/// The type of an object that should be a task, after a static_assert has rejected it.
struct refused_task {};

template <class Signature>
inline constexpr bool is_refused = false;
template <class Result>
inline constexpr bool is_refused<refused_signature<Result>> = true;
template <>
inline constexpr bool is_refused<refused_task> = true;

/// False, but only when the enclosing template is instantiated.
template <class...>
inline constexpr bool never = false;

/// The result and the parameters of a callable, as they were declared.
template <class Result, class... Parameters>
struct call_type {
    static constexpr std::size_t arity = sizeof...(Parameters);
};

/// The call_type of a pointer to a function, or of a pointer to an operator() that can be called on a const
/// object; void for anything else.
template <class Pointer>
struct call_type_of_pointer {
    using type = void;
};
// Six, since MSVC does not deduce a bool from noexcept(...) in a partial specialisation.
template <class Result, class... Parameters>
struct call_type_of_pointer<Result (*)(Parameters...)> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class... Parameters>
struct call_type_of_pointer<Result (*)(Parameters...) noexcept> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const noexcept> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const&> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const& noexcept> {
    using type = call_type<Result, Parameters...>;
};

template <auto Pointer>
using pointer_call_type = typename call_type_of_pointer<std::remove_cv_t<decltype(Pointer)>>::type;

/// Whether class Function has exactly one operator(), which is not a template.
template <class Function>
concept has_one_call_operator = requires {
    &Function::operator();
};

template <class Function>
struct call_type_of_operator : call_type_of_pointer<decltype(&Function::operator())> {};

template <class Function>
using operator_call_type = typename call_type_of_operator<Function>::type;

/// Whether Function can be used in fn<Function>; if not, a static_assert says what to write instead.
template <auto Function>
consteval bool check_function() {
    using type = decltype(Function);
    if constexpr (std::is_member_pointer_v<type>) {
        static_assert(
            never<type>,
            "procpool: fn takes a function or a static member function; for another member write a lambda "
            "that takes the object: [](const widget& w) { return w.area(); }");
        return false;
    } else if constexpr (!std::is_function_v<std::remove_pointer_t<type>>) {
        static_assert(never<type>,
                      "procpool: fn takes a function; a lambda or a function object is a task as it stands");
        return false;
    } else if constexpr (std::is_void_v<pointer_call_type<Function>>) {
        static_assert(never<type>,
                      "procpool: a function with a variable number of arguments (...) cannot be a task; "
                      "wrap it in a function with parameters");
        return false;
    } else {
        return true;
    }
}

/// Whether a call passes as many arguments as the task takes.
template <std::size_t Takes, std::size_t Given>
consteval bool check_argument_count() {
    static_assert(
        Takes == Given,
        "procpool: wrong number of arguments; Takes and Given in check_argument_count<Takes, "
        "Given> are how many the task takes and how many the call gives. To spread each item of a range "
        "over several parameters use starmap; for parameters with defaults name them: "
        "procpool::keywords<f>(\"a\"_arg, \"b\"_arg = 1.0)");
    return Takes == Given;
}

} // namespace procpool::detail

#endif

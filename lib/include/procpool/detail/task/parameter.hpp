// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_PARAMETER_HPP
#define PROCPOOL_DETAIL_TASK_PARAMETER_HPP

// Checks which parameters and results a task may have, and which arguments a parameter takes. Each check
// stops at one static_assert; the template arguments that the compiler prints with it show the parameter's
// number, counted from 1.

#include <procpool/codec.hpp>
#include <procpool/detail/codec/views.hpp>
#include <procpool/detail/task/signature.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace procpool::detail {

template <class T>
inline constexpr bool is_mutable_span = false;
template <class Element, std::size_t Extent>
inline constexpr bool is_mutable_span<std::span<Element, Extent>> = !std::is_const_v<Element>;

template <class T>
inline constexpr bool is_raw_pointer =
    std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T>;

template <class T>
inline constexpr bool is_text_pointer = std::is_same_v<T, char*> || std::is_same_v<T, const char*>;

/// encodable<T>; if it is false, the text of the codec's static_assert says what to do.
template <class T>
consteval bool check_encodable() {
    require_encodable<T>();
    return encodable<T>;
}

/// The type in which an argument for a parameter of type Parameter is stored.
template <class Parameter>
using stored = std::remove_cvref_t<Parameter>;

template <class View>
consteval bool check_view() {
    using element = std::remove_cv_t<std::remove_reference_t<decltype(*std::declval<View>().data())>>;
    if constexpr (!is_plain<element>) {
        static_assert(never<View>,
                      "procpool: a std::span<const T> parameter needs a T that is trivially copyable and "
                      "without pointers; take a const std::vector<T>&");
        return false;
    } else if constexpr (alignof(element) > 16) {
        static_assert(never<View>,
                      "procpool: the elements of a std::span<const T> parameter may be aligned to 16 "
                      "bytes at most; take a const std::vector<T>&");
        return false;
    } else {
        return true;
    }
}

/// Whether a task may have a Parameter; if not, a static_assert says what to write instead.
template <std::size_t Position, class Parameter>
consteval bool check_parameter() {
    using type = stored<Parameter>;
    constexpr bool is_mutable_reference =
        std::is_lvalue_reference_v<Parameter> && !std::is_const_v<std::remove_reference_t<Parameter>>;
    if constexpr (is_text_pointer<type>) {
        static_assert(never<Parameter>,
                      "procpool: a task cannot have a raw pointer as a parameter; to take text, "
                      "use std::string_view or std::string");
        return false;
    } else if constexpr (is_raw_pointer<type>) {
        static_assert(
            never<Parameter>,
            "procpool: a task cannot have a raw pointer as a parameter, an address means nothing in "
            "another process; take a value, std::span<const T>, std::unique_ptr<T> or std::optional<T>");
        return false;
    } else if constexpr (is_mutable_reference) {
        static_assert(
            never<Parameter>,
            "procpool: a task cannot have a non-const T& as a parameter, it would change a copy in the "
            "worker; take T or const T& and return the result");
        return false;
    } else if constexpr (std::is_array_v<type>) {
        static_assert(never<Parameter>, "procpool: a task cannot have a built-in array as a parameter; use "
                                        "std::span<const T>, std::array or std::vector");
        return false;
    } else if constexpr (is_mutable_span<type>) {
        static_assert(never<Parameter>,
                      "procpool: a task cannot have a std::span<T> of non-const elements as a parameter; use "
                      "std::span<const T>, or procpool::shared_array<T> to write to");
        return false;
    } else if constexpr (is_view<type>) {
        return check_view<type>();
    } else {
        return check_encodable<type>();
    }
}

template <class... Parameters, std::size_t... At>
consteval bool check_parameters(std::index_sequence<At...>) {
    return (check_parameter<At + 1, Parameters>() && ...);
}

/// Whether an Argument may be passed for a Parameter, as in an ordinary call. An argument of the parameter's
/// own type need not be copyable, since it is only read to be encoded.
template <std::size_t Position, class Parameter, class Argument>
consteval bool check_argument() {
    if constexpr (std::is_same_v<stored<Parameter>, std::remove_cvref_t<Argument>> ||
                  std::is_convertible_v<Argument&&, stored<Parameter>>) {
        return true;
    } else {
        static_assert(never<Parameter>, "procpool: this argument does not convert to the type of the task's "
                                        "parameter; pass a value of that type");
        return false;
    }
}

/// Whether a task may return Result (decayed).
template <class Result>
consteval bool check_result() {
    if constexpr (std::is_void_v<Result>) {
        return true;
    } else if constexpr (is_raw_pointer<Result>) {
        static_assert(never<Result>,
                      "procpool: a task cannot return a raw pointer, an address means nothing in "
                      "another process; return the value, std::string or std::unique_ptr<T>");
        return false;
    } else if constexpr (is_view<Result>) {
        static_assert(never<Result>,
                      "procpool: a task cannot return a view, what it looks at stays in the worker; "
                      "return std::string or std::vector<T>");
        return false;
    } else {
        return check_encodable<Result>();
    }
}

/// The type in which an Argument is stored whose parameter has no type of its own, as in a generic lambda:
/// the decayed type; a std::string for a built-in string, a view for a span.
template <class Argument>
struct deduced {
    using type = std::decay_t<Argument>;
};
template <class Argument>
requires is_text_pointer<std::decay_t<Argument>>
struct deduced<Argument> {
    using type = std::string;
};
template <class Element, std::size_t Extent>
struct deduced<std::span<Element, Extent>> {
    using type = std::span<const Element, Extent>;
};

template <class Argument>
using deduced_parameter = typename deduced<std::remove_cvref_t<Argument>>::type;

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_KEYWORD_NAMES_HPP
#define PROCPOOL_DETAIL_TASK_KEYWORD_NAMES_HPP

#include <procpool/detail/codec/type_name.hpp>
#include <procpool/detail/task/signature.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// Checks whether the names and defaults in keywords<f>(...) fit the function.

namespace procpool {

/// The type of "name"_arg = value: refers to the value, until the end of the full expression.
template <detail::fixed_string Name, class Value>
struct keyword_argument {
    Value&& value;
};

/// The type of "name"_arg.
template <detail::fixed_string Name>
struct argument_name {
    template <class Value>
    constexpr keyword_argument<Name, Value> operator=(Value&& value) const noexcept {
        return {std::forward<Value>(value)};
    }
};

namespace detail {

/// Marks a parameter of a keywords task without a default.
struct no_default {};

/// The default of a parameter, stored in the task. A built-in array, such as a string literal, is stored
/// completely.
template <class Value>
struct kept_default {
    Value value;
};

template <class Value>
constexpr auto keep_default(Value&& value) {
    return kept_default<std::remove_cvref_t<Value>>{std::forward<Value>(value)};
}
template <class Element, std::size_t Size>
constexpr auto keep_default(Element (&value)[Size]) {
    return [&]<std::size_t... At>(std::index_sequence<At...>) {
        return kept_default<std::remove_cv_t<Element>[Size]> {
            { value[At]... }
        };
    }
    (std::make_index_sequence<Size>{});
}

/// The form in which keywords<f>() stores one of its arguments: "b"_arg = 1.0, or "a"_arg.
template <fixed_string Name, class Value>
constexpr auto default_of(keyword_argument<Name, Value>&& declared) {
    return keep_default(std::forward<Value>(declared.value));
}
template <fixed_string Name>
constexpr no_default default_of(const argument_name<Name>&) {
    return {};
}

/// Whether an argument of keywords<f>() or of a call is a value, a name alone, or both.
template <class Argument>
struct keyword_traits {
    static constexpr bool has_name = false;
    static constexpr bool has_value = true;
    static constexpr std::string_view name() noexcept { return {}; }
};
template <fixed_string Name>
struct keyword_traits<argument_name<Name>> {
    static constexpr bool has_name = true;
    static constexpr bool has_value = false;
    static constexpr std::string_view name() noexcept { return without_zero(Name); }
    using bare_name = argument_name<Name>;
    using printable_name = printable<Name>;
};
template <fixed_string Name, class Value>
struct keyword_traits<keyword_argument<Name, Value>> {
    static constexpr bool has_name = true;
    static constexpr bool has_value = true;
    static constexpr std::string_view name() noexcept { return without_zero(Name); }
    using bare_name = argument_name<Name>;
    using printable_name = printable<Name>;
    using value_type = Value;
};

template <class Argument>
using keyword_traits_of = keyword_traits<std::remove_cvref_t<Argument>>;

template <class Argument>
inline constexpr bool is_keyword_argument =
    keyword_traits_of<Argument>::has_name&& keyword_traits_of<Argument>::has_value;

template <class Argument>
inline constexpr bool is_bare_name =
    keyword_traits_of<Argument>::has_name && !keyword_traits_of<Argument>::has_value;

/// The name of the argument at an index, as a type that compilers print.
template <std::size_t At, class... Arguments>
using printable_name_at =
    typename keyword_traits_of<std::tuple_element_t<At, std::tuple<Arguments...>>>::printable_name;

} // namespace detail
} // namespace procpool

namespace procpool::detail {

template <class... Names>
struct parameter_names {};

template <std::size_t Parameters, std::size_t Names>
consteval bool check_name_count() {
    static_assert(
        Parameters == Names,
        "procpool: keywords<f>(...) needs one name for each parameter of f; Parameters and Names in "
        "check_name_count<Parameters, Names> are how many there are of each");
    return Parameters == Names;
}

template <class Name>
consteval bool refuse_duplicate_name() {
    static_assert(never<Name>,
                  "procpool: keywords<f>(...) names two parameters alike; the name is shown with "
                  "refuse_duplicate_name");
    return false;
}

template <class Name, class Default, class Parameter>
consteval bool refuse_default() {
    static_assert(never<Name>, "procpool: a default in keywords<f>(...) does not convert to the type of its "
                               "parameter; the name is shown with refuse_default");
    return false;
}

/// The index of the first repeated name, or the number of names if there is none.
template <std::size_t Count>
constexpr std::size_t find_duplicate(const std::array<std::string_view, Count>& names) {
    for (std::size_t at = 0; at < Count; ++at) {
        for (std::size_t before = 0; before < at; ++before) {
            if (names[before] == names[at])
                return at;
        }
    }
    return Count;
}

template <class Declared, class Parameter>
consteval bool check_default() {
    using traits = keyword_traits<Declared>;
    if constexpr (traits::has_value) {
        using value = std::remove_cvref_t<typename traits::value_type>;
        if constexpr (!std::is_convertible_v<const value&, std::remove_cvref_t<Parameter>>)
            return refuse_default<typename traits::printable_name, value, Parameter>();
    }
    return true;
}

template <class... Declared, class Result, class... Parameters>
consteval bool check_defaults(call_type<Result, Parameters...>*) {
    return (check_default<Declared, Parameters>() && ...);
}

template <auto Function, class... Declared>
consteval bool check_keywords() {
    if constexpr (!check_function<Function>()) {
        return false;
    } else if constexpr (!(keyword_traits<Declared>::has_name && ...)) {
        static_assert(never<Declared...>, "procpool: keywords<f>(...) takes names and defaults: \"a\"_arg, "
                                          "\"b\"_arg = 1.0");
        return false;
    } else if constexpr (!check_name_count<pointer_call_type<Function>::arity, sizeof...(Declared)>()) {
        return false;
    } else {
        constexpr std::size_t duplicate = find_duplicate(
            std::array<std::string_view, sizeof...(Declared)>{keyword_traits<Declared>::name()...});
        if constexpr (duplicate < sizeof...(Declared))
            return refuse_duplicate_name<printable_name_at<duplicate, Declared...>>();
        else
            return check_defaults<Declared...>(static_cast<pointer_call_type<Function>*>(nullptr));
    }
}

} // namespace procpool::detail

#endif

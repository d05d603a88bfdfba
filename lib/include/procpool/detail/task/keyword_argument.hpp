// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_KEYWORD_ARGUMENT_HPP
#define PROCPOOL_DETAIL_TASK_KEYWORD_ARGUMENT_HPP

#include <procpool/detail/codec/fixed_string.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

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

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_KEYWORDS_HPP
#define PROCPOOL_KEYWORDS_HPP

// Calls with named arguments and defaults, checked at compile time.

#include <procpool/detail/task/keyword_names.hpp>
#include <procpool/detail/task/signature.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace procpool {

inline namespace literals {

/// The name of a parameter in keywords<f>(), and of an argument in a call: "seconds"_arg = 0.1.
#if defined(__clang__) && __clang_major__ < 17
// Clang 14 crashes when one of its own messages contains a literal of the standard form; this form has the
// same effect.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-string-literal-operator-template"
template <class Character, Character... Characters>
constexpr auto operator""_arg() noexcept {
    static_assert(sizeof...(Characters) > 0,
                  "procpool: write the name of a parameter between the quotes of _arg");
    return argument_name<detail::fixed_string<sizeof...(Characters) + 1>({Characters..., '\0'})>{};
}
#pragma clang diagnostic pop
#else
template <detail::fixed_string Name>
constexpr argument_name<Name> operator""_arg() noexcept {
    static_assert(sizeof(Name.text) > 1,
                  "procpool: write the name of a parameter between the quotes of _arg");
    return {};
}
#endif

} // namespace literals

/// The type of keywords<Function>(...).
template <auto Function, class Names, class Defaults>
struct keywords_task {
    Defaults defaults;
};

/// Makes a task from a function with named parameters, some of which may have defaults.
///
///     constexpr auto add = procpool::keywords<slow_add>("a"_arg, "b"_arg, "seconds"_arg = 0.1);
///     pool.apply(add, 1, "b"_arg = 2);
///
/// A call passes positional arguments first, then keywords in any order. Defaults replace missing arguments.
/// map and starmap pass positional arguments.
///
/// Requires: one name for each parameter, in the order of the function. Any parameter may have a default.
/// Source:   Python, calls with keyword arguments.
template <auto Function, class... Parameters>
[[nodiscard]] constexpr auto keywords(Parameters&&... parameters) {
    if constexpr (detail::check_keywords<Function, std::remove_cvref_t<Parameters>...>()) {
        using names = detail::parameter_names<typename detail::keyword_traits_of<Parameters>::bare_name...>;
        using defaults = std::tuple<decltype(detail::default_of(std::forward<Parameters>(parameters)))...>;
        return keywords_task<Function, names, defaults>{
            defaults{detail::default_of(std::forward<Parameters>(parameters))...}};
    } else {
        return detail::refused_task{};
    }
}

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_CHECK_KEYWORDS_HPP
#define PROCPOOL_DETAIL_TASK_CHECK_KEYWORDS_HPP

// Checks whether the names and defaults in keywords<f>(...) fit the function.

#include <procpool/detail/task/call_type.hpp>
#include <procpool/detail/task/check_function.hpp>
#include <procpool/detail/task/keyword_argument.hpp>
#include <procpool/detail/task/signature.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

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

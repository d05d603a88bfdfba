// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_KEYWORD_CALL_HPP
#define PROCPOOL_DETAIL_TASK_KEYWORD_CALL_HPP

#include <procpool/detail/task/keyword_names.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>
#include <procpool/keywords.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// A call of a keywords task: maps its arguments and defaults to parameters. A wrong name is a template
// argument of the function that rejects it, so that the compiler prints it.

namespace procpool::detail {

enum class keyword_fault { none, positional_after_keyword, too_many, unknown, repeated, missing };

/// The source of each parameter's value.
template <std::size_t Parameters>
struct keyword_match {
    static constexpr std::size_t from_default = static_cast<std::size_t>(-1);

    keyword_fault fault = keyword_fault::none;
    std::size_t at = 0; // the parameter that is missing, else the argument that is wrong
    std::array<std::size_t, Parameters> source{}; // per parameter: an argument, or from_default
};

struct named_parameter {
    std::string_view name;
    bool has_default;
};

struct given_argument {
    std::string_view name; // of a keyword argument
    bool is_keyword;
};

/// Assigns arguments to parameters by the rules of a call in Python: positional ones first, then keywords in
/// any order, then defaults.
template <std::size_t Parameters, std::size_t Arguments>
constexpr keyword_match<Parameters> match_keywords(const std::array<named_parameter, Parameters>& parameters,
                                                   const std::array<given_argument, Arguments>& arguments) {
    using match = keyword_match<Parameters>;
    match found;
    found.source.fill(match::from_default);
    const auto fail = [&](keyword_fault fault, std::size_t at) {
        found.fault = fault;
        found.at = at;
        return found;
    };
    bool keywords_began = false;
    for (std::size_t argument = 0; argument < Arguments; ++argument) {
        std::size_t parameter = argument;
        if (arguments[argument].is_keyword) {
            keywords_began = true;
            parameter = 0;
            while (parameter < Parameters && parameters[parameter].name != arguments[argument].name)
                ++parameter;
            if (parameter == Parameters)
                return fail(keyword_fault::unknown, argument);
            if (found.source[parameter] != match::from_default)
                return fail(keyword_fault::repeated, argument);
        } else if (keywords_began) {
            return fail(keyword_fault::positional_after_keyword, argument);
        } else if (argument >= Parameters) {
            return fail(keyword_fault::too_many, argument);
        }
        found.source[parameter] = argument;
    }
    for (std::size_t parameter = 0; parameter < Parameters; ++parameter) {
        if (found.source[parameter] == match::from_default && !parameters[parameter].has_default)
            return fail(keyword_fault::missing, parameter);
    }
    return found;
}

template <class Name>
consteval bool refuse_unknown_keyword() {
    static_assert(never<Name>, "procpool: the task has no parameter of this name: see the name shown with "
                               "refuse_unknown_keyword");
    return false;
}

template <class Name>
consteval bool refuse_repeated_keyword() {
    static_assert(never<Name>,
                  "procpool: this parameter is given twice, by position or by name: see the name shown "
                  "with refuse_repeated_keyword");
    return false;
}

template <class Name>
consteval bool refuse_missing_argument() {
    static_assert(never<Name>,
                  "procpool: a parameter without a default is not given: see the name shown with "
                  "refuse_missing_argument");
    return false;
}

template <class Name>
consteval bool refuse_positional_after() {
    static_assert(never<Name>,
                  "procpool: positional arguments go before keyword arguments: see the keyword shown "
                  "with refuse_positional_after, or name the argument after it");
    return false;
}

template <class Name>
consteval bool refuse_name_without_value() {
    static_assert(never<Name>,
                  "procpool: a name needs a value, \"name\"_arg = value: see the name shown with "
                  "refuse_name_without_value");
    return false;
}

template <class Argument>
consteval bool refuse_stored_keyword() {
    static_assert(never<Argument>,
                  "procpool: a keyword argument only refers to its value; write \"name\"_arg = value in the "
                  "call itself");
    return false;
}

/// The checks on keyword arguments that do not depend on the task.
template <class Argument>
consteval bool check_keyword_form() {
    if constexpr (is_bare_name<Argument>)
        return refuse_name_without_value<typename keyword_traits_of<Argument>::printable_name>();
    else if constexpr (is_keyword_argument<Argument> && std::is_lvalue_reference_v<Argument>)
        return refuse_stored_keyword<std::remove_reference_t<Argument>>();
    else
        return true;
}

template <class Task>
struct keyword_parameters;
template <auto Function, class... Names, class... Defaults>
struct keyword_parameters<keywords_task<Function, parameter_names<Names...>, std::tuple<Defaults...>>> {
    static constexpr std::array<named_parameter, sizeof...(Names)> list{
        named_parameter{keyword_traits<Names>::name(), !std::is_same_v<Defaults, no_default>}...};

    template <std::size_t At>
    using printable_name = printable_name_at<At, Names...>;
};

template <class Task, class... Arguments>
inline constexpr auto match_of = match_keywords(keyword_parameters<Task>::list,
                                                std::array<given_argument, sizeof...(Arguments)>{
                                                    given_argument{keyword_traits_of<Arguments>::name(),
                                                                   is_keyword_argument<Arguments>}...});

template <class Task, class... Arguments>
consteval bool check_keyword_match() {
    constexpr auto match = match_of<Task, Arguments...>;
    constexpr std::size_t at = match.at;
    if constexpr (match.fault == keyword_fault::unknown)
        return refuse_unknown_keyword<printable_name_at<at, Arguments...>>();
    else if constexpr (match.fault == keyword_fault::repeated)
        return refuse_repeated_keyword<printable_name_at<at, Arguments...>>();
    else if constexpr (match.fault == keyword_fault::missing)
        return refuse_missing_argument<typename keyword_parameters<Task>::template printable_name<at>>();
    else if constexpr (match.fault == keyword_fault::positional_after_keyword)
        return refuse_positional_after<printable_name_at<at - 1, Arguments...>>();
    else if constexpr (match.fault == keyword_fault::too_many)
        return check_argument_count<keyword_parameters<Task>::list.size(), sizeof...(Arguments)>();
    else
        return true;
}

/// The value that an argument of a call passes to the parameter.
template <class Argument>
constexpr decltype(auto) given_value(Argument&& argument) noexcept {
    if constexpr (is_keyword_argument<Argument>) {
        using value = typename keyword_traits_of<Argument>::value_type;
        return static_cast<value&&>(argument.value);
    } else {
        return static_cast<Argument&&>(argument);
    }
}

/// The value for the parameter at At: a reference to an argument or to a default.
template <std::size_t At, class Task, class... Arguments>
constexpr decltype(auto) keyword_value([[maybe_unused]] const Task& task,
                                       [[maybe_unused]] std::tuple<Arguments&&...>& arguments) noexcept {
    constexpr std::size_t source = match_of<Task, Arguments...>.source[At];
    if constexpr (source == keyword_match<0>::from_default)
        return (std::get<At>(task.defaults).value);
    else
        return given_value(std::get<source>(std::move(arguments)));
}

/// The type of keyword_value(), determined without a task object.
template <std::size_t At, class Task, class... Arguments>
using keyword_value_type = decltype(keyword_value<At, Task, Arguments...>(
    std::declval<const Task&>(), std::declval<std::tuple<Arguments&&...>&>()));

} // namespace procpool::detail

#endif

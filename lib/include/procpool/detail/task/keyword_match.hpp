// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_KEYWORD_MATCH_HPP
#define PROCPOOL_DETAIL_TASK_KEYWORD_MATCH_HPP

#include <array>
#include <cstddef>
#include <string_view>

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

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_TYPE_NAME_HPP
#define PROCPOOL_DETAIL_CODEC_TYPE_NAME_HPP

#include <cstddef>
#include <string_view>
#include <utility>

// Names of types and functions, cut out of the compiler's name of the current function.

namespace procpool::detail {

/// A string literal as a template argument. Length counts the terminating zero.
template <std::size_t Length>
struct fixed_string {
    char text[Length]{};

    consteval fixed_string(const char (&literal)[Length]) {
        for (std::size_t at = 0; at < Length; ++at)
            text[at] = literal[at];
    }
};

template <std::size_t Length>
constexpr std::string_view without_zero(const fixed_string<Length>& string) noexcept {
    return {string.text, Length - 1};
}

template <char... Characters>
struct spelled;

template <fixed_string Text>
struct quoted;

template <fixed_string Text>
consteval auto print_text() {
#if defined(__clang__) && __clang_major__ < 16
    // Older compilers show the characters of a fixed_string as numbers.
    return []<std::size_t... At>(std::index_sequence<At...>) {
        return static_cast<spelled<Text.text[At]...>*>(nullptr);
    }
    (std::make_index_sequence<sizeof(Text.text) - 1>{});
#else
    return static_cast<quoted<Text>*>(nullptr);
#endif
}

/// A type that this compiler prints in its messages with the characters of Text.
template <fixed_string Text>
using printable = decltype(print_text<Text>());

template <auto Value>
constexpr std::string_view text_with_value() noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    return __FUNCSIG__;
#else
    return __PRETTY_FUNCTION__;
#endif
}

template <class Type>
constexpr std::string_view text_with_type() noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    return __FUNCSIG__;
#else
    return __PRETTY_FUNCTION__;
#endif
}

constexpr std::string_view without_prefix(std::string_view text, std::string_view prefix) noexcept {
    return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
}

// Names are for people, and no standard specifies the texts of compilers: a text of unknown form is shown as a
// whole.

/// Returns the part of `wanted` that corresponds to `known` in `known_text`.
constexpr std::string_view cut_like(std::string_view wanted, std::string_view known_text,
                                    std::string_view known) noexcept {
    const std::size_t before = known_text.rfind(known);
    if (before == std::string_view::npos || wanted.size() < known_text.size() - known.size())
        return wanted;
    const std::size_t after = known_text.size() - before - known.size();
    return wanted.substr(before, wanted.size() - before - after);
}

/// Returns the part of `text` between the first `before` and the last `after`.
constexpr std::string_view cut_between(std::string_view text, std::string_view before,
                                       std::string_view after) noexcept {
    const std::size_t begin = text.find(before);
    const std::size_t end = text.rfind(after);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + before.size())
        return text;
    return text.substr(begin + before.size(), end - begin - before.size());
}

/// "space::name" for "class space::name", as MSVC prints types.
constexpr std::string_view without_class_key(std::string_view name) noexcept {
    for (const std::string_view key : {"class ", "struct ", "enum ", "union "})
        name = without_prefix(name, key);
    return name;
}

/// "space::name" for "int __cdecl space::name(int)", as MSVC prints functions.
constexpr std::string_view without_signature(std::string_view function) noexcept {
    constexpr std::string_view convention = "__cdecl ";
    const std::size_t at = function.find(convention);
    if (at == std::string_view::npos)
        return function;
    function.remove_prefix(at + convention.size());
    return function.substr(0, function.find('('));
}

/// The name of Type, in static storage.
template <class Type>
constexpr std::string_view type_name() noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    return without_class_key(cut_between(text_with_type<Type>(), "text_with_type<", ">(void)"));
#else
    return without_class_key(cut_like(text_with_type<Type>(), text_with_type<double>(), "double"));
#endif
}

/// The name of the function that Function points to, with its namespaces, without its parameters. In static
/// storage.
template <auto Function>
constexpr std::string_view function_name() noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    return without_signature(cut_between(text_with_value<Function>(), "text_with_value<", ">(void)"));
#else
    return without_prefix(cut_like(text_with_value<Function>(), text_with_value<true>(), "true"), "&");
#endif
}

/// Whether `name` is that of the type of a lambda expression.
constexpr bool is_name_of_lambda(std::string_view name) noexcept {
    if (name.substr(0, 11) == "(lambda at ") // Clang
        return true;
    // GCC: f()::<lambda(int)>, MSVC: f::<lambda_1>. Only the last component counts:
    // wrapper<f()::<lambda(int)> >.
    std::size_t depth = 0;
    for (std::size_t at = name.size(); at-- > 0;) {
        if (name[at] == '>')
            ++depth;
        else if (name[at] == '<' && --depth == 0)
            return name.substr(at + 1, 6) == "lambda";
        else if (depth == 0)
            return false;
    }
    return false;
}

/// Whether Type is the type of a lambda expression. Only its name shows this.
template <class Type>
constexpr bool is_lambda() noexcept {
    return is_name_of_lambda(type_name<Type>());
}

} // namespace procpool::detail

#endif

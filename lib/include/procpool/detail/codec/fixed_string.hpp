// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_FIXED_STRING_HPP
#define PROCPOOL_DETAIL_CODEC_FIXED_STRING_HPP

#include <cstddef>
#include <string_view>
#include <utility>

namespace procpool::detail {

/// A string literal as a template argument. Length counts the terminating zero.
template <std::size_t Length>
struct fixed_string {
    char text[Length];

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

} // namespace procpool::detail

#endif

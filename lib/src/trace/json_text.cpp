// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/json_text.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace procpool::tracing {
namespace {

/// The length of the UTF-8 character at the front; 0: there is none.
///
/// Source: Unicode 15, table 3-7.
std::size_t character_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto follows = [&](std::size_t at, unsigned least = 0x80, unsigned most = 0xBF) {
        return byte(at) >= least && byte(at) <= most;
    };
    const auto lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool second = follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
        return second && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool second = follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Room for the digits of a number, and a few characters more. To append a character costs about as much as
/// to append a text, so each number is appended at once.
using digits = std::array<char, 32>;

template <class... How>
char* convert(digits& to, std::size_t at, std::uint64_t number, How... how) noexcept {
    return std::to_chars(to.data() + at, to.data() + to.size(), number, how...).ptr;
}

} // namespace

void append_escaped(std::string& to, std::string_view text) {
    while (!text.empty()) {
        const auto length = character_length(text);
        const char first = text.front();
        if (length == 0) {
            to += "\\ufffd";
        } else if (first == '"' || first == '\\') {
            to += '\\';
            to += first;
        } else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F) {
            constexpr std::string_view hexadecimal = "0123456789abcdef";
            to += "\\u00";
            to += hexadecimal[static_cast<unsigned char>(first) >> 4];
            to += hexadecimal[static_cast<unsigned char>(first) & 0xF];
        } else {
            to.append(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void append_number(std::string& to, std::uint64_t number) {
    digits text;
    to.append(text.data(), convert(text, 0, number));
}

void append_hex(std::string& to, std::uint64_t number) {
    digits text;
    text[0] = '0';
    text[1] = 'x';
    to.append(text.data(), convert(text, 2, number, 16));
}

void append_microseconds(std::string& to, std::uint64_t nanoseconds) {
    digits text;
    char* end = convert(text, 0, nanoseconds / 1000);
    const auto rest = static_cast<unsigned>(nanoseconds % 1000);
    *end++ = '.';
    *end++ = static_cast<char>('0' + rest / 100);
    *end++ = static_cast<char>('0' + rest / 10 % 10);
    *end++ = static_cast<char>('0' + rest % 10);
    to.append(text.data(), end);
}

} // namespace procpool::tracing

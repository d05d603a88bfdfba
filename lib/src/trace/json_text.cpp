// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/json_text.hpp"

#include "text/utf8.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace procpool::tracing {
namespace {

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
        const auto length = text::utf8_length(text);
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

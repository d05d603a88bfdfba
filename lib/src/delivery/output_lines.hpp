// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DELIVERY_OUTPUT_LINES_HPP
#define PROCPOOL_DELIVERY_OUTPUT_LINES_HPP

#include <cstddef>
#include <string_view>

// How the output of a worker, which is any bytes, is cut into lines.
namespace procpool::pooling {

inline constexpr std::size_t max_line_bytes = 64 * 1024;

/// The number of bytes at the start of `text` that `next_line` can cut into lines already: all up to the last
/// end of a line, and parts of a longer line. The rest has at most `max_line_bytes`.
constexpr std::size_t complete_bytes(std::string_view text) noexcept {
    const auto last = text.rfind('\n');
    auto complete = last == std::string_view::npos ? 0 : last + 1;
    while (text.size() - complete > max_line_bytes)
        complete += max_line_bytes;
    return complete;
}

/// Takes a line, or a part of a long line, from the front of `text`, and returns it without its end.
///
/// Requires: `text` is not empty.
constexpr std::string_view next_line(std::string_view& text) noexcept {
    const auto end = text.substr(0, max_line_bytes + 1).find('\n');
    auto line = text.substr(0, end == std::string_view::npos ? max_line_bytes : end);
    text.remove_prefix(line.size() + (end != std::string_view::npos ? 1 : 0));
#if defined(_WIN32) // where the C library writes both
    if (end != std::string_view::npos && line.ends_with('\r'))
        line.remove_suffix(1);
#endif
    return line;
}

} // namespace procpool::pooling

#endif

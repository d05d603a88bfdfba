// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TRACE_JSON_TEXT_HPP
#define PROCPOOL_TRACE_JSON_TEXT_HPP

#include <cstdint>
#include <string>
#include <string_view>

// Values as JSON writes them, appended to a text. All functions throw std::bad_alloc.
namespace procpool::tracing {

/// The inside of a JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string& to, std::string_view text);

void append_number(std::string& to, std::uint64_t number);

/// Hexadecimal, with "0x" in front.
void append_hex(std::string& to, std::uint64_t number);

/// In microseconds, with three decimals.
void append_microseconds(std::string& to, std::uint64_t nanoseconds);

} // namespace procpool::tracing

#endif

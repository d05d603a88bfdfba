// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_FAILURES_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_FAILURES_HPP

// The ways in which bytes can be invalid, compiled once: each function throws codec_error.

#include <cstddef>

namespace procpool::detail {

[[noreturn]] void fail_underrun(std::size_t wanted, std::size_t remaining);
[[noreturn]] void fail_count(unsigned long long count, std::size_t remaining);
[[noreturn]] void fail_value(const char* of_what, unsigned long long value);
[[noreturn]] void fail_nesting(unsigned limit);
[[noreturn]] void fail_alignment(std::size_t alignment);
[[noreturn]] void fail_valueless();
[[noreturn]] void fail_slicing(const char* type, const char* dynamic_type);

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_FAILURES_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_FAILURES_HPP

// Keeps the throw, and the header of the error types, out of inline codecs.

#include <string>

// The ways in which bytes can be invalid, compiled once: each function throws codec_error.

#include <cstddef>

namespace procpool::detail {

/// The stage of a task at which a codec, possibly the user's, encodes or decodes.
enum class codec_stage { decode_argument, encode_result, decode_result };

/// Called in a catch block: throws a codec_error that names the stage and the cause.
[[noreturn]] void rethrow_as_codec_error(codec_stage stage);

/// Calls `f`, and turns any exception into a codec_error, so that it cannot be taken for the task's own
/// exception.
template <class F>
decltype(auto) in_codec_stage(codec_stage stage, F&& f) {
    try {
        return f();
    } catch (...) {
        rethrow_as_codec_error(stage);
    }
}

/// Throws codec_error with the text `what`.
[[noreturn]] void throw_codec_error(std::string what);

[[noreturn]] void fail_underrun(std::size_t wanted, std::size_t remaining);
[[noreturn]] void fail_count(unsigned long long count, std::size_t remaining);
[[noreturn]] void fail_value(const char* of_what, unsigned long long value);
[[noreturn]] void fail_nesting(unsigned limit);
[[noreturn]] void fail_alignment(std::size_t alignment);
[[noreturn]] void fail_valueless();
[[noreturn]] void fail_slicing(const char* type, const char* dynamic_type);

} // namespace procpool::detail

#endif

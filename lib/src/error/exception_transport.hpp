// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP
#define PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP

// Sends an exception of any type from a worker to the parent.

#include <procpool/codec.hpp>
#include <procpool/remote_info.hpp>

#include <exception>

namespace procpool::detail {

/// The maximum depth of nested exceptions that are sent; a remark replaces deeper ones.
inline constexpr int max_nested_exceptions = 32;

/// Writes `error`. The written bytes can be decoded for any type, and even if its codec throws.
///
/// Shape:  pads `out` to 16 bytes first, so that a payload of a registered type is aligned like any other.
/// Errors: only those of `out` itself, which may have no memory left.
void encode_exception(encoder& out, const std::exception_ptr& error);

/// Restores the exception. `context`: the facts that the parent knows: the pid, the name of the task, the
/// item.
///
/// Errors: throws nothing. Malformed bytes become a codec_error, lack of memory a std::bad_alloc.
std::exception_ptr decode_exception(decoder& in, const remote_info& context) noexcept;

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP
#define PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP

// Carries an exception of any type from a worker to the parent.

#include <procpool/codec.hpp>
#include <procpool/remote_info.hpp>

#include <exception>

namespace procpool::detail {

/// How many exceptions nested in one another travel; what lies deeper is replaced by a remark.
inline constexpr int max_nested_exceptions = 32;

/// Writes `error`. Whatever it is and whatever it throws while it is encoded, something readable is written.
///
/// Shape: pads `out` to 16 bytes first, so that a payload of a registered type is as aligned as any other.
/// Errors: only those of `out` itself, which may have no memory left.
void encode_exception(encoder& out, const std::exception_ptr& error);

/// Makes the exception again. `context` says what the parent knows: the pid, the name of the task, the item.
///
/// Errors: throws nothing; of malformed bytes becomes a codec_error, and of lack of memory a std::bad_alloc.
std::exception_ptr decode_exception(decoder& in, const remote_info& context) noexcept;

} // namespace procpool::detail

#endif

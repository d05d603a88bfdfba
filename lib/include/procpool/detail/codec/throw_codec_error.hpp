// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_THROW_CODEC_ERROR_HPP
#define PROCPOOL_DETAIL_CODEC_THROW_CODEC_ERROR_HPP

// Keeps the throw, and the header of the error types, out of inline codecs.

#include <string>

namespace procpool::detail {

/// Throws codec_error with the text `what`.
[[noreturn]] void throw_codec_error(std::string what);

} // namespace procpool::detail

#endif

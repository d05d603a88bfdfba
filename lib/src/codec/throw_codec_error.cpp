// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/throw_codec_error.hpp>
#include <procpool/error.hpp>

#include <utility>

namespace procpool::detail {

void throw_codec_error(std::string what) {
    throw codec_error(std::move(what));
}

} // namespace procpool::detail

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_BUILTIN_CODEC_HPP
#define PROCPOOL_DETAIL_CODEC_BUILTIN_CODEC_HPP

#include <procpool/detail/codec/travel_kind.hpp>

namespace procpool::detail {

/// The library's own codec of a T, with one specialisation for each kind of encoding.
template <class T, travel_kind = kind_of<T>()>
struct builtin_codec;

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_PLAIN_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_PLAIN_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/builtin_codec.hpp>
#include <procpool/detail/codec/plain_value.hpp>
#include <procpool/encoder.hpp>

namespace procpool::detail {

template <class T>
struct builtin_codec<T, travel_kind::plain> {
    static void encode(encoder& out, const T& value) { out.write_bytes(&value, sizeof(T)); }
    static T decode(decoder& in) { return load_plain<T>(in.view_bytes(sizeof(T)).data()); }
};

} // namespace procpool::detail

#endif

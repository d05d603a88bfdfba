// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_ROUND_TRIP_HPP
#define PROCPOOL_TEST_SUPPORT_ROUND_TRIP_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/error.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace procpool::test {

using bytes = std::vector<std::byte>;

template <class T>
bytes encode(const T& value) {
    detail::heap_encoder out;
    out.write(value);
    return {out.bytes().begin(), out.bytes().end()};
}

/// Decodes from memory that ends with the bytes, so that a sanitizer detects a read behind them.
template <class T>
T decode(std::span<const std::byte> from) {
    const std::unique_ptr<std::byte[]> exact(new std::byte[from.size()]);
    std::copy(from.begin(), from.end(), exact.get());
    decoder in(std::span<const std::byte>(exact.get(), from.size()));
    T value = in.read<T>();
    BOOST_TEST(in.remaining() == 0u);
    return value;
}

/// Encodes and decodes `value`. Also checks that no beginning of the encoding can be decoded.
template <class T>
T round_trip(const T& value) {
    const bytes whole = encode(value);
    if constexpr (detail::is_fixed_size<T>)
        BOOST_TEST(whole.size() == detail::encoded_size<T>);
    BOOST_TEST(whole.size() >= detail::min_encoded_size<T>);
    for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), 200); ++size)
        BOOST_CHECK_THROW(decode<T>(std::span(whole).first(size)), codec_error);
    return decode<T>(whole);
}

} // namespace procpool::test

#endif

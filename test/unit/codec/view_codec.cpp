// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/views.hpp>

#include "support/round_trip.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using procpool::codec_error;
using procpool::decoder;
using procpool::detail::heap_encoder;
using procpool::detail::view_codec;

BOOST_AUTO_TEST_CASE(a_span_looks_into_the_payload) {
    for (const std::size_t size : {0u, 1u, 1000u}) {
        const std::vector<double> values(size, 2.5);
        heap_encoder out;
        out.write('c');
        view_codec<std::span<const double>>::encode(out, values);
        decoder in(out.bytes());
        in.read<char>();
        const std::span<const double> view = view_codec<std::span<const double>>::decode(in);
        BOOST_TEST(std::vector(view.begin(), view.end()) == values);
        BOOST_TEST(static_cast<const void*>(view.data() + size) == out.bytes().data() + out.size());
        BOOST_TEST(in.remaining() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_string_view_keeps_its_zeros) {
    const std::string text("a\0b", 3);
    heap_encoder out;
    view_codec<std::string_view>::encode(out, text);
    decoder in(out.bytes());
    BOOST_TEST(view_codec<std::string_view>::decode(in) == text);
}

BOOST_AUTO_TEST_CASE(no_beginning_of_a_view_passes_for_a_whole_one) {
    heap_encoder out;
    view_codec<std::span<const int>>::encode(out, std::vector<int>{1, 2, 3});
    for (std::size_t size = 0; size != out.size(); ++size) {
        decoder in(out.bytes().first(size));
        BOOST_CHECK_THROW(view_codec<std::span<const int>>::decode(in), codec_error);
    }
}

BOOST_AUTO_TEST_CASE(a_span_of_fixed_extent_takes_no_other_number) {
    heap_encoder out;
    view_codec<std::span<const int>>::encode(out, std::vector<int>{1, 2, 3});
    decoder right(out.bytes());
    BOOST_TEST((view_codec<std::span<const int, 3>>::decode(right)[2]) == 3);
    decoder wrong(out.bytes());
    BOOST_CHECK_THROW((view_codec<std::span<const int, 2>>::decode(wrong)), codec_error);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_aligned_are_no_view) {
    heap_encoder out;
    out.write('c');
    out.write(std::uint64_t{1});
    out.align(8);
    out.write(1.0);
    decoder in(out.bytes().subspan(1));
    BOOST_CHECK_THROW(view_codec<std::span<const double>>::decode(in), codec_error);
}

BOOST_AUTO_TEST_CASE(a_span_of_bytes_that_are_no_bools_is_rejected) {
    heap_encoder out;
    view_codec<std::span<const char>>::encode(out, std::string("\1\0\2", 3));
    decoder in(out.bytes());
    BOOST_CHECK_THROW(view_codec<std::span<const bool>>::decode(in), codec_error);
}

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_AGGREGATE_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_AGGREGATE_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/aggregate_fields.hpp>
#include <procpool/detail/codec/builtin_codec.hpp>
#include <procpool/encoder.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace procpool::detail {

template <class... A, class... B>
type_list<A..., B...> operator+(type_list<A...>, type_list<B...>);

/// Encodes a T, or each element of the C array T.
template <class T>
struct flat {
    using type = type_list<std::remove_cv_t<T>>;
};
template <class T, std::size_t N>
struct flat<T[N]> {
    template <std::size_t... I>
    static auto repeat(std::index_sequence<I...>)
        -> decltype((type_list<>{} + ... + repeated<typename flat<T>::type, I>{}));
    using type = decltype(repeat(std::make_index_sequence<N>{}));
};

template <class T>
void write_field(encoder& out, const T& value) {
    if constexpr (std::is_array_v<T>)
        for (const auto& each : value)
            write_field(out, each);
    else
        out.write(value);
}

/// An aggregate is sent field by field, and its C arrays element by element.
template <class T>
struct builtin_codec<T, travel_kind::aggregate> {
    static void encode(encoder& out, const T& value) {
        with_fields(value, [&out](const auto&... field) { (write_field(out, field), ...); });
    }
    static T decode(decoder& in) { return make(in, decltype(flattened(field_types<T>{})){}); }

  private:
    template <class... Field>
    static auto flattened(type_list<Field...>)
        -> decltype((type_list<>{} + ... + typename flat<Field>::type{}));

    template <class... Value>
    static T make([[maybe_unused]] decoder& in, type_list<Value...>) {
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-braces"
#endif
        return T{in.read<Value>()...}; // left to right; an array takes its elements without inner braces
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
    }
};

} // namespace procpool::detail

#endif

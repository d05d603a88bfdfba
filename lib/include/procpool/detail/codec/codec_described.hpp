// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_DESCRIBED_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_DESCRIBED_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/builtin_codec.hpp>
#include <procpool/detail/codec/described_members.hpp>
#include <procpool/encoder.hpp>

#include <boost/mp11/algorithm.hpp>

#include <string>
#include <type_traits>

namespace procpool::detail {

/// A T whose members are to be decoded.
template <class T>
T make_empty() {
    if constexpr (std::is_default_constructible_v<T>)
        return T{};
    else
        return T(std::string());
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif

/// A base of `object`. Only this cast reaches a private base.
template <class Base, class T>
Base& base_of(T& object) noexcept {
    return (Base&)object;
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/// A described class is sent as its bases and its members.
template <class T>
struct builtin_codec<T, travel_kind::described> {
    static void encode(encoder& out, const T& value) { encode_members(out, value); }

    static T decode(decoder& in) {
        T value = make_empty<T>();
        decode_members(in, value);
        return value;
    }

    static void encode_members(encoder& out, const T& value) {
        boost::mp11::mp_for_each<described_bases<T>>([&](auto base) {
            using B = typename decltype(base)::type;
            encode_base(out, base_of<const B>(value));
        });
        boost::mp11::mp_for_each<described_members<T>>(
            [&](auto member) { encode_member(out, value.*member.pointer); });
    }

    static void decode_members(decoder& in, T& value) {
        boost::mp11::mp_for_each<described_bases<T>>([&](auto base) {
            using B = typename decltype(base)::type;
            decode_base(in, base_of<B>(value));
        });
        boost::mp11::mp_for_each<described_members<T>>(
            [&](auto member) { decode_member(in, value.*member.pointer); });
    }

  private:
    // A described base is decoded in place, since it may be abstract.
    template <class B>
    static void encode_base(encoder& out, const B& base) {
        if constexpr (kind_of<B>() == travel_kind::described)
            builtin_codec<B>::encode_members(out, base);
        else
            out.write(base);
    }
    template <class B>
    static void decode_base(decoder& in, B& base) {
        if constexpr (kind_of<B>() == travel_kind::described)
            builtin_codec<B>::decode_members(in, base);
        else
            base = in.read<B>();
    }

    template <class M>
    static void encode_member(encoder& out, const M& member) {
        if constexpr (std::is_array_v<M>)
            for (const auto& each : member)
                encode_member(out, each);
        else
            out.write(member);
    }
    template <class M>
    static void decode_member(decoder& in, M& member) {
        if constexpr (std::is_array_v<M>)
            for (auto& each : member)
                decode_member(in, each);
        else
            member = in.read<M>();
    }
};

} // namespace procpool::detail

#endif

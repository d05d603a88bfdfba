// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CLASSES_HPP
#define PROCPOOL_DETAIL_CODEC_CLASSES_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/aggregate.hpp>
#include <procpool/detail/codec/kinds.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/encoder.hpp>

#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

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

template <class T>
struct value_traits<T, value_kind::described> : common_traits {
    static consteval not_encodable own_reason() {
        if constexpr (std::is_abstract_v<T>)
            return not_encodable::polymorphic;
        else
            return can_be_made_empty<T>() ? not_encodable::none : not_encodable::no_default;
    }
    static consteval described_member_types<T> parts() { return {}; }
    static consteval described_base_types<T> bases() { return {}; }
    static constexpr bool may_own_its_kind = true;
    static constexpr bool assigns_parts = true;
    static constexpr bool copies_parts = true;
    static consteval size_bound size() {
        constexpr size_bound bases = sum_of_bounds(described_base_types<T>{});
        constexpr size_bound members = sum_of_bounds(described_member_types<T>{});
        return {bases.least + members.least, bases.fixed && members.fixed};
    }
};

/// A described class is sent as its bases and its members.
template <class T>
struct builtin_codec<T, value_kind::described> {
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
        if constexpr (kind_of<B>() == value_kind::described)
            builtin_codec<B>::encode_members(out, base);
        else
            out.write(base);
    }
    template <class B>
    static void decode_base(decoder& in, B& base) {
        if constexpr (kind_of<B>() == value_kind::described)
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

/// The types of the values that encode a T: the type itself, or that of each element of a C array.
template <class T>
struct flat {
    using type = mp_list<std::remove_cv_t<T>>;
};
template <class T, std::size_t N>
struct flat<T[N]> {
    using type = boost::mp11::mp_repeat_c<typename flat<T>::type, N>;
};
template <class T>
using flat_types = typename flat<T>::type;

template <class T>
void write_field(encoder& out, const T& value) {
    if constexpr (std::is_array_v<T>)
        for (const auto& each : value)
            write_field(out, each);
    else
        out.write(value);
}

template <class T>
struct value_traits<T, value_kind::aggregate> : common_traits {
    static consteval not_encodable own_reason() {
        return shape_of<T>.what == shape::reference ? not_encodable::reference : not_encodable::none;
    }
    static consteval auto parts() { return field_types<T>{}; }
    static constexpr bool may_own_its_kind = true;
    static constexpr bool copies_parts = true;
    static consteval size_bound size() { return sum_of_bounds(parts()); }
};

/// An aggregate is sent field by field, and its C arrays element by element.
template <class T>
struct builtin_codec<T, value_kind::aggregate> {
    static void encode(encoder& out, const T& value) {
        with_fields(value, [&out](const auto&... field) { (write_field(out, field), ...); });
    }
    static T decode(decoder& in) { return make(in, flattened{}); }

  private:
    using flattened =
        boost::mp11::mp_apply<boost::mp11::mp_append, boost::mp11::mp_transform<flat_types, field_types<T>>>;

    template <class... Value>
    static T make([[maybe_unused]] decoder& in, mp_list<Value...>) {
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

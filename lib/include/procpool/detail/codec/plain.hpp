// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_PLAIN_HPP
#define PROCPOOL_DETAIL_CODEC_PLAIN_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/encoder.hpp>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace procpool::detail {

/// The library's own codec of a T, with one specialisation for each kind of encoding.
template <class T, value_kind = kind_of<T>()>
struct builtin_codec;

template <class T>
consteval bool is_bool() {
    if constexpr (std::is_enum_v<T>)
        return std::is_same_v<std::underlying_type_t<T>, bool>;
    else
        return std::is_same_v<T, bool>;
}

template <class T>
consteval bool has_fields() {
    if constexpr (std::is_aggregate_v<T> && std::is_class_v<T> && !is_std_array<T>)
        return shape_of<T>.what == shape::fields;
    else
        return false;
}

/// Whether a visible part of T is a bool: the only plain type with invalid byte values.
template <class T>
consteval bool holds_bool();
template <class... T>
consteval bool any_holds_bool(mp_list<T...>) {
    return (holds_bool<std::remove_cv_t<std::remove_all_extents_t<T>>>() || ...);
}
template <class T>
consteval bool holds_bool() {
    if constexpr (is_std_array<T>)
        return holds_bool<std::remove_cv_t<typename T::value_type>>();
    else if constexpr (has_fields<T>())
        return any_holds_bool(field_types<T>{});
    else
        return is_bool<T>();
}

/// Throws codec_error if a bool in `value` is neither true nor false. It is read as a byte: reading it as a
/// bool would be undefined behaviour.
template <class T>
void check_bools([[maybe_unused]] const T& value) {
    if constexpr (std::is_array_v<T> || is_std_array<T>) {
        using element = std::remove_cvref_t<decltype(value[0])>;
        if constexpr (holds_bool<std::remove_all_extents_t<element>>())
            for (const auto& each : value)
                check_bools(each);
    } else if constexpr (has_fields<T>()) {
        if constexpr (holds_bool<T>())
            with_fields(value, [](const auto&... field) { (check_bools(field), ...); });
    } else if constexpr (is_bool<T>()) {
        const auto byte = reinterpret_cast<const unsigned char&>(value);
        if (byte > 1)
            fail_value("a bool", byte);
    }
}

/// Likewise for a copy of bytes that another process may still write to; the compiler must not read them
/// again.
template <class T>
void check_copied_bools([[maybe_unused]] const T& value) {
    if constexpr (holds_bool<T>()) {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        check_bools(value);
    }
}

/// Storage for a T.
template <class T>
union room_for {
    std::byte nothing;
    T value;

    room_for() noexcept : nothing{} {}
};

/// Makes a trivially copyable T from its bytes. std::bit_cast is not used: without optimisation, g++ 12 does
/// not accept closures as trivially copyable there.
template <class T>
T value_of_bytes(const std::byte* from) {
    room_for<T> place;
    std::memcpy(static_cast<void*>(std::addressof(place.value)), from, sizeof(T));
    return std::move(place.value);
}

/// Makes a T from the bytes at `from`, which need not be aligned.
template <class T>
T load_plain(const std::byte* from) {
    if constexpr (std::is_trivially_default_constructible_v<T>) {
        T value;
        std::memcpy(std::addressof(value), from, sizeof(T));
        check_copied_bools(value);
        return value;
    } else {
        const T value = value_of_bytes<T>(from);
        check_copied_bools(value);
        return value;
    }
}

template <class T>
struct value_traits<T, value_kind::plain> : common_traits {
    static consteval size_bound size() { return {sizeof(T), true}; }
};

template <class T>
struct builtin_codec<T, value_kind::plain> {
    static void encode(encoder& out, const T& value) { out.write_bytes(&value, sizeof(T)); }
    static T decode(decoder& in) { return load_plain<T>(in.view_bytes(sizeof(T)).data()); }
};

} // namespace procpool::detail

#endif

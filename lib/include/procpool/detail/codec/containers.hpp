// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CONTAINERS_HPP
#define PROCPOOL_DETAIL_CODEC_CONTAINERS_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/elements.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/encoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace procpool::detail {

template <class T>
struct value_traits<T, value_kind::path> : common_traits {};

/// A path is sent as its text.
template <class T>
struct builtin_codec<T, value_kind::path> {
    static void encode(encoder& out, const T& value) { out.write(value.native()); }
    static T decode(decoder& in) { return T(in.read<typename T::string_type>()); }
};

/// A container of elements.
template <class T>
struct container_traits : common_traits {
    static consteval not_encodable own_reason() {
        return has_state_beside_elements<T>() ? not_encodable::state : not_encodable::none;
    }
    static consteval mp_list<typename T::value_type> parts() { return {}; }
    static constexpr bool may_own_its_kind = true;
    static constexpr bool copies_parts = true;
};

template <class T>
struct value_traits<T, value_kind::contiguous> : container_traits<T> {
    static consteval mp_list<> parts() { return {}; } // plain elements, which can always be sent
};

/// A count, and the bytes of all elements.
template <class T>
struct builtin_codec<T, value_kind::contiguous> {
    using element = typename T::value_type;

    static void encode(encoder& out, const T& value) {
        const std::size_t bytes = value.size() * sizeof(element);
        out.reserve(sizeof(std::uint64_t) + bytes);
        write_count(out, value.size());
        out.write_bytes(value.data(), bytes);
    }

    static T decode(decoder& in) {
        const std::size_t count = read_count<element>(in);
        const std::byte* bytes = in.view_bytes(count * sizeof(element)).data();
        T value;
        value.reserve(count);
        if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(element) == 0)
            append(value, reinterpret_cast<const element*>(bytes), count);
        else
            append_unaligned(value, bytes, count);
        return value;
    }

  private:
    /// The copied elements are checked, not the originals: a worker may still write to the bytes.
    static void append(T& value, const element* elements, std::size_t count) {
        value.insert(value.end(), elements, elements + count);
        if constexpr (holds_bool<element>())
            std::for_each(value.end() - static_cast<std::ptrdiff_t>(count), value.end(),
                          check_bools<element>);
    }

    // Uses a small buffer: resizing a vector and copying into it would write all its memory twice.
    static void append_unaligned(T& value, const std::byte* bytes, std::size_t count) {
        constexpr std::size_t at_once = std::max<std::size_t>(1, 4096 / sizeof(element));
        alignas(element) std::byte buffer[at_once * sizeof(element)];
        while (count != 0) {
            const std::size_t now = std::min(count, at_once);
            std::memcpy(buffer, bytes, now * sizeof(element));
            append(value, reinterpret_cast<const element*>(buffer), now);
            bytes += now * sizeof(element);
            count -= now;
        }
    }
};

template <class T>
struct value_traits<T, value_kind::sequence> : container_traits<T> {
    static consteval not_encodable own_reason() {
        const not_encodable found = container_traits<T>::own_reason();
        return first_of(found, sequence_like<T> ? not_encodable::none : not_encodable::no_codec);
    }
};

/// A count, and the elements one after the other.
template <class T>
struct builtin_codec<T, value_kind::sequence> {
    using element = typename T::value_type;

    static void encode(encoder& out, const T& value) {
        const element_scope<element> scope(out, count_elements(value));
        for (auto&& each : value)
            out.write<element>(each); // explicit, for the proxies of vector<bool>
        scope.close(out);
    }

    static T decode(decoder& in) {
        T value;
        const element_scope<element> scope(in);
        if constexpr (requires { value.reserve(scope.count()); })
            value.reserve(scope.count());
        if constexpr (forward_list_like<T>) {
            auto last = value.before_begin();
            for (std::size_t i = 0; i != scope.count(); ++i)
                last = value.insert_after(last, in.read<element>());
        } else {
            for (std::size_t i = 0; i != scope.count(); ++i)
                value.push_back(in.read<element>());
        }
        scope.close(in);
        return value;
    }
};

template <class T>
struct value_traits<T, value_kind::associative> : container_traits<T> {};

template <map_like T>
struct value_traits<T, value_kind::associative> : container_traits<T> {
    static consteval mp_list<typename T::key_type, typename T::mapped_type> parts() { return {}; }
};

/// A count, and the elements in the container's order. Elements of a map are sent as key and mapped value.
template <class T>
struct builtin_codec<T, value_kind::associative> {
    template <class U>
    struct stored {
        using type = typename U::value_type;
    };
    template <map_like U>
    struct stored<U> {
        using type = std::pair<typename U::key_type, typename U::mapped_type>; // a key that can be moved
    };
    using element = typename stored<T>::type;

    static void encode(encoder& out, const T& value) {
        const element_scope<element> scope(out, value.size());
        for (const auto& each : value) {
            if constexpr (map_like<T>) {
                out.write(each.first);
                out.write(each.second);
            } else {
                out.write(each);
            }
        }
        scope.close(out);
    }

    static T decode(decoder& in) {
        T value;
        const element_scope<element> scope(in);
        if constexpr (requires { value.reserve(scope.count()); })
            value.reserve(scope.count());
        for (std::size_t i = 0; i != scope.count(); ++i)
            value.emplace_hint(value.end(), in.read<element>());
        scope.close(in);
        return value;
    }
};

} // namespace procpool::detail

#endif

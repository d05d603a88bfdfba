// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_VOCABULARY_HPP
#define PROCPOOL_DETAIL_CODEC_VOCABULARY_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/elements.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/encoder.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

// Codecs of array, pair, tuple, optional, variant, unique_ptr, shared_ptr.

namespace procpool::detail {

template <class T, std::size_t N>
struct value_traits<std::array<T, N>, value_kind::array> : common_traits {
    static consteval mp_list<T> parts() { return {}; }
    static constexpr bool may_own_its_kind = true;
    static constexpr bool copies_parts = true;
    static consteval size_bound size() {
        if constexpr (N == 0)
            return {0, true};
        else
            return bound_of_elements<T>(N);
    }
};

template <class T, std::size_t N>
struct builtin_codec<std::array<T, N>, value_kind::array> {
    static void encode(encoder& out, const std::array<T, N>& value) {
        for (const T& each : value)
            out.write(each);
    }
    static std::array<T, N> decode(decoder& in) {
        if constexpr (std::is_default_constructible_v<T> && std::is_move_assignable_v<T>) {
            std::array<T, N> value{};
            for (T& each : value)
                each = in.read<T>();
            return value;
        } else {
            return make(in, std::make_index_sequence<N>{});
        }
    }

  private:
    template <std::size_t... I>
    static std::array<T, N> make([[maybe_unused]] decoder& in, std::index_sequence<I...>) {
        return {(static_cast<void>(I), in.read<T>())...};
    }
};

template <template <class...> class Product, class... T>
struct value_traits<Product<T...>, value_kind::product> : common_traits {
    static consteval mp_list<T...> parts() { return {}; }
    static constexpr bool copies_parts = true;
    static consteval size_bound size() { return sum_of_bounds(parts()); }
};

template <template <class...> class Product, class... T>
struct builtin_codec<Product<T...>, value_kind::product> {
    static void encode([[maybe_unused]] encoder& out, const Product<T...>& value) {
        std::apply([&](const T&... each) { (out.write(each), ...); }, value);
    }
    static Product<T...> decode([[maybe_unused]] decoder& in) {
        return Product<T...>{in.read<T>()...}; // braces: from left to right
    }
};

template <class T>
struct value_traits<std::optional<T>, value_kind::optional> : common_traits {
    static consteval mp_list<T> parts() { return {}; }
    static constexpr bool copies_parts = true;
    static consteval size_bound size() { return {1, false}; }
};

template <class T>
struct builtin_codec<std::optional<T>, value_kind::optional> {
    static void encode(encoder& out, const std::optional<T>& value) {
        out.write(value.has_value());
        if (value)
            out.write(*value);
    }
    static std::optional<T> decode(decoder& in) {
        if (!in.read<bool>())
            return std::nullopt;
        return std::optional<T>(std::in_place, in.read<T>());
    }
};

template <class... T>
struct value_traits<std::variant<T...>, value_kind::variant> : common_traits {
    static consteval mp_list<T...> parts() { return {}; }
    static constexpr bool copies_parts = true;
    static consteval size_bound size() { return {1, false}; }
};

template <class... T>
struct builtin_codec<std::variant<T...>, value_kind::variant> {
    using index_type = std::conditional_t<(sizeof...(T) <= 256), std::uint8_t, std::uint32_t>;

    static void encode(encoder& out, const std::variant<T...>& value) {
        if (value.valueless_by_exception())
            fail_valueless();
        out.write(static_cast<index_type>(value.index()));
        std::visit([&](const auto& held) { out.write(held); }, value);
    }
    static std::variant<T...> decode(decoder& in) {
        const auto index = in.read<index_type>();
        if (index >= sizeof...(T))
            fail_value("the index of a std::variant", index);
        return alternatives(std::index_sequence_for<T...>{})[index](in);
    }

  private:
    using alternative = std::variant<T...> (*)(decoder&);

    template <std::size_t I>
    static std::variant<T...> decode_alternative(decoder& in) {
        return std::variant<T...>(std::in_place_index<I>,
                                  in.read<std::variant_alternative_t<I, std::variant<T...>>>());
    }
    template <std::size_t... I>
    static constexpr std::array<alternative, sizeof...(T)> alternatives(std::index_sequence<I...>) {
        return {&decode_alternative<I>...};
    }
};

template <class T>
struct value_traits<T, value_kind::exception> : common_traits {};

/// The text after a NUL is lost, as in what().
template <class T>
struct builtin_codec<T, value_kind::exception> {
    static void encode(encoder& out, const T& value) { out.write(std::string(value.what())); }
    static T decode(decoder& in) { return T(in.read<std::string>()); }
};

template <class Owner>
struct value_traits<Owner, value_kind::owner> : common_traits {
    static consteval mp_list<typename Owner::element_type> parts() { return {}; }
    static consteval size_bound size() { return {1, false}; }
};

template <class Owner>
struct builtin_codec<Owner, value_kind::owner> {
    using owned = std::remove_cv_t<typename Owner::element_type>;

    static void encode(encoder& out, const Owner& value) {
        out.write(value != nullptr);
        if (value == nullptr)
            return;
        if constexpr (std::is_polymorphic_v<owned>) {
            const auto& object = *value;
            if (typeid(object) != typeid(owned))
                fail_slicing(typeid(owned).name(), typeid(object).name());
        }
        const nesting deeper(out);
        out.write(*value);
    }
    static Owner decode(decoder& in) {
        if (!in.read<bool>())
            return nullptr;
        const nesting deeper(in);
        return Owner(new owned(in.read<owned>()));
    }
};

} // namespace procpool::detail

#endif

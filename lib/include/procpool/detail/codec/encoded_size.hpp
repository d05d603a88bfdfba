// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_ENCODED_SIZE_HPP
#define PROCPOOL_DETAIL_CODEC_ENCODED_SIZE_HPP

#include <procpool/detail/codec/obstacle.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace procpool::detail {

/// The smallest number of bytes that an encoding takes, and whether every encoding takes that number.
struct size_bound {
    std::size_t least;
    bool fixed;
};

template <class T>
consteval size_bound find_size_bound();

template <class... T>
consteval size_bound sum_of_bounds(type_list<T...>) {
    size_bound sum{0, true};
    ((sum.least += find_size_bound<std::remove_cv_t<T>>().least,
      sum.fixed = sum.fixed && find_size_bound<std::remove_cv_t<T>>().fixed),
     ...);
    return sum;
}

template <class T>
consteval size_bound find_size_bound() {
    using enum travel_kind;
    constexpr travel_kind kind = kind_of<T>();
    if constexpr (kind == plain)
        return {sizeof(T), true};
    else if constexpr (kind == custom)
        return {0, false};
    else if constexpr (kind == c_array) {
        constexpr size_bound element = find_size_bound<std::remove_cv_t<std::remove_extent_t<T>>>();
        return {element.least * std::extent_v<T>, element.fixed};
    } else if constexpr (kind == array) {
        if constexpr (std::tuple_size_v<T> == 0) {
            return {0, true};
        } else {
            constexpr size_bound element = find_size_bound<std::remove_cv_t<typename T::value_type>>();
            return {element.least * std::tuple_size_v<T>, element.fixed};
        }
    } else if constexpr (kind == product)
        return sum_of_bounds(typename arguments_of<T>::type{});
    else if constexpr (kind == described) {
        constexpr size_bound bases = sum_of_bounds(described_base_types<T>{});
        constexpr size_bound members = sum_of_bounds(described_member_types<T>{});
        return {bases.least + members.least, bases.fixed && members.fixed};
    } else if constexpr (kind == aggregate)
        return sum_of_bounds(field_types<T>{});
    else if constexpr (kind == optional || kind == owner || kind == variant)
        return {1, false};
    else
        return {sizeof(std::uint64_t), false};
}

template <class T>
inline constexpr std::size_t least_encoded_size = find_size_bound<std::remove_cv_t<T>>().least;

/// Whether every T is encoded in the same number of bytes.
template <class T>
inline constexpr bool is_fixed_size = find_size_bound<std::remove_cv_t<T>>().fixed;

/// That number of bytes; 0 if the number varies.
template <class T>
inline constexpr std::size_t encoded_size = is_fixed_size<T> ? least_encoded_size<T> : 0;

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_COPYABLE_HPP
#define PROCPOOL_DETAIL_CODEC_COPYABLE_HPP

#include <procpool/detail/codec/obstacle.hpp>

#include <type_traits>

namespace procpool::detail {

template <class T, class... Path>
consteval bool can_be_copied();

template <class... Path, class... T>
consteval bool can_all_be_copied(type_list<T...>) {
    return (can_be_copied<std::remove_cv_t<std::remove_all_extents_t<T>>, Path...>() && ...);
}

/// Whether a copy of T compiles. std::is_copy_constructible is true for a std::vector<std::unique_ptr<int>>
/// and for every class with such a member. Path holds the classes around T, as in obstacle_of().
template <class T, class... Path>
consteval bool can_be_copied() {
    using enum travel_kind;
    constexpr travel_kind kind = kind_of<T>();
    if constexpr ((std::is_same_v<T, Path> || ...))
        return true;
    else if constexpr (!std::is_copy_constructible_v<T>)
        return false;
    else if constexpr (kind == product || kind == variant)
        return can_all_be_copied<Path...>(typename arguments_of<T>::type{});
    else if constexpr (kind == array || kind == optional || kind == sequence || kind == associative)
        return can_all_be_copied<T, Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == described)
        return can_all_be_copied<T, Path...>(described_base_types<T>{}) &&
               can_all_be_copied<T, Path...>(described_member_types<T>{});
    else if constexpr (kind == aggregate)
        return can_all_be_copied<T, Path...>(field_types<T>{});
    else
        return true;
}

} // namespace procpool::detail

#endif

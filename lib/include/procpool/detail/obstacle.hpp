// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_OBSTACLE_HPP
#define PROCPOOL_DETAIL_OBSTACLE_HPP

#include <procpool/detail/travel_kind.hpp>

#include <type_traits>

namespace procpool::detail {

/// What keeps a type from travelling.
enum class obstacle { none, pointer, reference, view, no_codec };

template <class T, class... Path>
consteval obstacle obstacle_of();

constexpr obstacle first_of(obstacle a, obstacle b) {
    return a == obstacle::none ? b : a;
}

template <class... Path, class... T>
consteval obstacle first_obstacle(type_list<T...>) {
    obstacle found = obstacle::none;
    static_cast<void>(
        ((found = obstacle_of<std::remove_cv_t<T>, Path...>(), found != obstacle::none) || ...));
    return found;
}

template <class T>
struct arguments_of;
template <template <class...> class Template, class... T>
struct arguments_of<Template<T...>> {
    using type = type_list<T...>;
};

template <class... T>
consteval bool any_const(type_list<T...>) {
    return (std::is_const_v<std::remove_all_extents_t<T>> || ...);
}

template <class T, class... Path>
consteval obstacle obstacle_of_described();

// A base is filled where it is, so that it may be abstract.
template <class Base, class... Path>
consteval obstacle obstacle_of_base() {
    if constexpr (kind_of<Base>() == travel_kind::described)
        return obstacle_of_described<Base, Path...>();
    else
        return obstacle_of<Base, Path...>();
}
template <class... Path, class... B>
consteval obstacle obstacle_of_bases(type_list<B...>) {
    obstacle found = obstacle::none;
    ((found = first_of(found, obstacle_of_base<B, Path...>())), ...);
    return found;
}
template <class T, class... Path>
consteval obstacle obstacle_of_described() {
    const obstacle found = first_of(obstacle_of_bases<T, Path...>(described_base_types<T>{}),
                                    first_obstacle<T, Path...>(described_member_types<T>{}));
    return any_const(described_member_types<T>{}) ? first_of(found, obstacle::no_codec) : found;
}

/// The first obstacle in T, at any depth. Path holds the classes around T, so that a class that owns others
/// of its own kind is asked once.
template <class T, class... Path>
consteval obstacle obstacle_of() {
    using enum travel_kind;
    constexpr travel_kind kind = kind_of<T>();
    if constexpr ((std::is_same_v<T, Path> || ...))
        return obstacle::none;
    else if constexpr (kind == custom || kind == plain || kind == path)
        return obstacle::none;
    else if constexpr (kind == pointer)
        return obstacle::pointer;
    else if constexpr (kind == reference)
        return obstacle::reference;
    else if constexpr (kind == view)
        return obstacle::view;
    else if constexpr (kind == serialized)
        return std::is_move_constructible_v<T> && std::is_destructible_v<T> ? obstacle::none
                                                                            : obstacle::no_codec;
    else if constexpr (kind == c_array)
        return obstacle_of<std::remove_cv_t<std::remove_all_extents_t<T>>, Path...>();
    else if constexpr (kind == array || kind == contiguous)
        return first_obstacle<T, Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == product || kind == variant)
        return first_obstacle<Path...>(typename arguments_of<T>::type{});
    else if constexpr (kind == optional)
        return first_obstacle<Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == owner)
        return first_obstacle<Path...>(type_list<typename T::element_type>{});
    else if constexpr (kind == associative) {
        if constexpr (map_like<T>)
            return first_obstacle<T, Path...>(type_list<typename T::key_type, typename T::mapped_type>{});
        else
            return first_obstacle<T, Path...>(type_list<typename T::value_type>{});
    } else if constexpr (kind == sequence)
        return sequence_like<T> ? first_obstacle<T, Path...>(type_list<typename T::value_type>{})
                                : obstacle::no_codec;
    else if constexpr (kind == described)
        return first_of(obstacle_of_described<T, Path...>(),
                        std::is_default_constructible_v<T> ? obstacle::none : obstacle::no_codec);
    else if constexpr (kind == aggregate) {
        if constexpr (shape_of<T>.what == shape::reference)
            return obstacle::reference;
        else
            return first_obstacle<T, Path...>(field_types<T>{});
    } else
        return obstacle::no_codec;
}

/// Says in words, when T cannot travel, what to do about it.
template <class T>
consteval void require_encodable() {
    constexpr obstacle found = obstacle_of<T>();
    static_assert(
        found != obstacle::pointer,
        "procpool: a raw pointer means nothing in another process; pass the value, a std::vector, a "
        "std::span<const T> parameter or a procpool::shared_array");
    static_assert(
        found != obstacle::reference,
        "procpool: a reference means nothing in another process; hold the value itself, not a T& or a "
        "std::reference_wrapper");
    static_assert(
        found != obstacle::view,
        "procpool: a std::span or std::string_view would dangle in another process; only a task's own "
        "parameter may be a std::span<const T> or a std::string_view: as a member, an element or a result "
        "use a std::vector or a std::string");
    static_assert(
        found != obstacle::no_codec,
        "procpool: this type cannot travel between processes: make it an aggregate of encodable members, "
        "describe it with BOOST_DESCRIBE_CLASS, specialise procpool::codec<T>, or include "
        "<procpool/codec/serialization.hpp>");
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_WHY_NOT_ENCODABLE_HPP
#define PROCPOOL_DETAIL_CODEC_WHY_NOT_ENCODABLE_HPP

#include <procpool/detail/codec/kinds.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <typeinfo>

namespace procpool::detail {

/// The reason why a type cannot be sent.
enum class not_encodable {
    none,
    pointer,
    reference,
    view,
    state,       // of a container, besides its elements
    polymorphic, // the object may be of a derived class
    immovable,
    base,        // of an aggregate
    opaque,      // another aggregate that cannot be decomposed
    any_content, // std::function, std::any
    no_default,  // constructor, of a described class
    constant,    // member of a described class
    no_codec
};

template <class T, class... Path>
consteval not_encodable why_not_encodable();

constexpr not_encodable first_of(not_encodable a, not_encodable b) {
    return a == not_encodable::none ? b : a;
}

template <class... Path, class... T>
consteval not_encodable first_not_encodable(type_list<T...>) {
    not_encodable found = not_encodable::none;
    static_cast<void>(
        ((found = why_not_encodable<std::remove_cv_t<T>, Path...>(), found != not_encodable::none) || ...));
    return found;
}

template <class T>
struct arguments_of;
template <template <class...> class Template, class... T>
struct arguments_of<Template<T...>> {
    using type = type_list<T...>;
};
template <class T>
inline constexpr std::size_t arity_of = 0;
template <template <class...> class Template, class... T>
inline constexpr std::size_t arity_of<Template<T...>> = sizeof...(T);

/// Whether a comparator, hash or allocator may be replaced by a new one where a container is decoded. The
/// allocators of std::pmr are an exception: they may be replaced by the default resource of the process.
template <class T>
inline constexpr bool may_be_made_anew = std::is_default_constructible_v<T> &&
                                         (std::is_empty_v<T> || requires(const T& allocator) {
                                             allocator.resource();
                                             allocator.select_on_container_copy_construction();
                                         });

/// Whether all of a container's helpers may be replaced.
template <class T>
consteval bool has_state_beside_elements() {
    bool found = false;
    if constexpr (requires { typename T::allocator_type; })
        found = found || !may_be_made_anew<typename T::allocator_type>;
    if constexpr (requires { typename T::key_compare; })
        found = found || !may_be_made_anew<typename T::key_compare>;
    if constexpr (requires { typename T::hasher; })
        found = found || !may_be_made_anew<typename T::hasher>;
    if constexpr (requires { typename T::key_equal; })
        found = found || !may_be_made_anew<typename T::key_equal>;
    return found;
}

template <class T>
concept keyed_container = requires {
    typename T::key_type;
    typename T::size_type;
    typename T::allocator_type;
};
template <class T>
concept holds_anything = is_a<T, std::function> || requires(const T& any) {
    { any.type() } -> std::same_as<const std::type_info&>;
    any.has_value();
};

template <class T>
consteval bool has_base_in_front() {
    constexpr std::size_t total = initializer_count<T, any_value>();
    if constexpr (total == unknown_count)
        return false;
    else if constexpr (total == 0)
        return !std::is_empty_v<T>;
    else
        return converts_at<T, any_base<T>, total, 0>;
}

/// The reason why a T has no codec of any kind.
template <class T>
consteval not_encodable why_not_encodable_closed() {
    if constexpr (!std::is_object_v<T> || std::is_array_v<T> || std::is_union_v<T>)
        return not_encodable::no_codec;
    else if constexpr (holds_anything<T>)
        return not_encodable::any_content;
    else if constexpr (keyed_container<T>)
        return has_state_beside_elements<T>() ? not_encodable::state : not_encodable::no_codec;
    else if constexpr (std::is_polymorphic_v<T>)
        return not_encodable::polymorphic;
    else if constexpr (!std::is_move_constructible_v<T>)
        return not_encodable::immovable;
    else if constexpr (std::is_aggregate_v<T>)
        return has_base_in_front<T>() ? not_encodable::base : not_encodable::opaque;
    else
        return not_encodable::no_codec;
}

/// The not_encodable in T itself, independent of its parts.
template <class T>
consteval not_encodable own_not_encodable() {
    using enum value_kind;
    constexpr value_kind kind = kind_of<T>();
    if constexpr (kind == pointer)
        return not_encodable::pointer;
    else if constexpr (kind == reference)
        return not_encodable::reference;
    else if constexpr (kind == view)
        return not_encodable::view;
    else if constexpr (kind == contiguous || kind == associative)
        return has_state_beside_elements<T>() ? not_encodable::state : not_encodable::none;
    else if constexpr (kind == sequence) {
        if constexpr (has_state_beside_elements<T>())
            return not_encodable::state;
        else
            return sequence_like<T> ? not_encodable::none : not_encodable::no_codec;
    } else if constexpr (kind == serialized)
        return std::is_move_constructible_v<T> && std::is_destructible_v<T> ? not_encodable::none
                                                                            : not_encodable::immovable;
    else if constexpr (kind == described) {
        if constexpr (std::is_abstract_v<T>)
            return not_encodable::polymorphic;
        else
            return can_be_made_empty<T>() ? not_encodable::none : not_encodable::no_default;
    } else if constexpr (kind == aggregate)
        return shape_of<T>.what == shape::reference ? not_encodable::reference : not_encodable::none;
    else
        return kind == none ? why_not_encodable_closed<T>() : not_encodable::none;
}

template <class... T>
consteval bool any_const(type_list<T...>) {
    return (std::is_const_v<std::remove_all_extents_t<T>> || ...);
}

template <class T, class... Path>
consteval not_encodable why_not_encodable_described();

// A base is decoded in place, so it may be abstract.
template <class Base, class... Path>
consteval not_encodable why_not_encodable_base() {
    if constexpr (kind_of<Base>() == value_kind::described)
        return why_not_encodable_described<Base, Path...>();
    else
        return why_not_encodable<Base, Path...>();
}
template <class... Path, class... B>
consteval not_encodable why_not_encodable_bases(type_list<B...>) {
    not_encodable found = not_encodable::none;
    ((found = first_of(found, why_not_encodable_base<B, Path...>())), ...);
    return found;
}
template <class T, class... Path>
consteval not_encodable why_not_encodable_described() {
    const not_encodable found = first_of(why_not_encodable_bases<T, Path...>(described_base_types<T>{}),
                                         first_not_encodable<T, Path...>(described_member_types<T>{}));
    return any_const(described_member_types<T>{}) ? first_of(found, not_encodable::constant) : found;
}

/// The first not_encodable in T, at any depth. Path holds the classes around T, so that a class that owns others
/// of its own kind is examined once.
template <class T, class... Path>
consteval not_encodable why_not_encodable() {
    using enum value_kind;
    constexpr value_kind kind = kind_of<T>();
    if constexpr ((std::is_same_v<T, Path> || ...))
        return not_encodable::none;
    else if constexpr (kind == custom || kind == plain || kind == path || kind == exception ||
                       kind == serialized)
        return own_not_encodable<T>();
    else if constexpr (own_not_encodable<T>() != not_encodable::none)
        return own_not_encodable<T>();
    else if constexpr (kind == c_array)
        return why_not_encodable<std::remove_cv_t<std::remove_all_extents_t<T>>, Path...>();
    else if constexpr (kind == array || kind == contiguous)
        return first_not_encodable<T, Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == product || kind == variant)
        return first_not_encodable<Path...>(typename arguments_of<T>::type{});
    else if constexpr (kind == optional)
        return first_not_encodable<Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == owner)
        return first_not_encodable<Path...>(type_list<typename T::element_type>{});
    else if constexpr (kind == associative) {
        if constexpr (map_like<T>)
            return first_not_encodable<T, Path...>(
                type_list<typename T::key_type, typename T::mapped_type>{});
        else
            return first_not_encodable<T, Path...>(type_list<typename T::value_type>{});
    } else if constexpr (kind == sequence)
        return first_not_encodable<T, Path...>(type_list<typename T::value_type>{});
    else if constexpr (kind == described)
        return why_not_encodable_described<T, Path...>();
    else
        return first_not_encodable<T, Path...>(field_types<T>{});
}

template <class T, class... Path>
consteval bool can_be_copied();

template <class... Path, class... T>
consteval bool can_all_be_copied(type_list<T...>) {
    return (can_be_copied<std::remove_cv_t<std::remove_all_extents_t<T>>, Path...>() && ...);
}

/// Whether a copy of T compiles. std::is_copy_constructible is true for a std::vector<std::unique_ptr<int>>
/// and for every class with such a member. Path holds the classes around T, as in why_not_encodable().
template <class T, class... Path>
consteval bool can_be_copied() {
    using enum value_kind;
    constexpr value_kind kind = kind_of<T>();
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
    using enum value_kind;
    constexpr value_kind kind = kind_of<T>();
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
inline constexpr std::size_t min_encoded_size = find_size_bound<std::remove_cv_t<T>>().least;

/// Whether every T is encoded in the same number of bytes.
template <class T>
inline constexpr bool is_fixed_size = find_size_bound<std::remove_cv_t<T>>().fixed;

/// That number of bytes; 0 if the number varies.
template <class T>
inline constexpr std::size_t encoded_size = is_fixed_size<T> ? min_encoded_size<T> : 0;

} // namespace procpool::detail

#endif

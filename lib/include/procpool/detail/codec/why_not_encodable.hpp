// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_WHY_NOT_ENCODABLE_HPP
#define PROCPOOL_DETAIL_CODEC_WHY_NOT_ENCODABLE_HPP

#include <procpool/detail/codec/kinds.hpp>

#include <boost/mp11/list.hpp>

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
consteval not_encodable first_not_encodable(mp_list<T...>) {
    not_encodable found = not_encodable::none;
    static_cast<void>(
        ((found = why_not_encodable<std::remove_cv_t<T>, Path...>(), found != not_encodable::none) || ...));
    return found;
}

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

/// The smallest number of bytes that an encoding takes, and whether every encoding takes that number.
struct size_bound {
    std::size_t least;
    bool fixed;
};

/// What is known of the types of a kind without encoding a value. There is one specialisation for each kind, next
/// to the codec of the kind; the kinds without a codec are below.
template <class T, value_kind = kind_of<T>()>
struct value_traits;

/// What most kinds have in common. Their traits derive from this class.
struct common_traits {
    /// The reason in T itself, independent of its parts.
    static consteval not_encodable own_reason() { return not_encodable::none; }
    /// The types of the values in a T, and its bases if they are decoded in place.
    static consteval mp_list<> parts() { return {}; }
    static consteval mp_list<> bases() { return {}; }
    /// Whether a T may be a part of a part of T, so that T is not examined again there.
    static constexpr bool may_own_its_kind = false;
    /// Whether the parts are assigned to, so that none may be const.
    static constexpr bool assigns_parts = false;
    /// Whether a copy of T copies the parts, while std::is_copy_constructible does not look at them.
    static constexpr bool copies_parts = false;
    static consteval size_bound size() { return {sizeof(std::uint64_t), false}; }
};

// --- The kinds without a codec of the library.

template <class T>
struct value_traits<T, value_kind::custom> : common_traits {
    static consteval size_bound size() { return {0, false}; }
};
template <class T>
struct value_traits<T, value_kind::pointer> : common_traits {
    static consteval not_encodable own_reason() { return not_encodable::pointer; }
};
template <class T>
struct value_traits<T, value_kind::reference> : common_traits {
    static consteval not_encodable own_reason() { return not_encodable::reference; }
};
template <class T>
struct value_traits<T, value_kind::view> : common_traits {
    static consteval not_encodable own_reason() { return not_encodable::view; }
};
template <class T>
struct value_traits<T, value_kind::none> : common_traits {
    static consteval not_encodable own_reason() { return why_not_encodable_closed<T>(); }
};

// --- Walks through the parts of a type.

template <class... T>
consteval bool any_const(mp_list<T...>) {
    return (std::is_const_v<std::remove_all_extents_t<T>> || ...);
}

template <class T, class... Path>
consteval not_encodable why_not_encodable_in_parts();

/// A base is decoded in place, so it may be abstract.
template <class Base, class... Path>
consteval not_encodable why_not_encodable_base() {
    if constexpr (kind_of<Base>() == value_kind::described)
        return why_not_encodable_in_parts<Base, Path...>();
    else
        return why_not_encodable<Base, Path...>();
}
template <class... Path, class... B>
consteval not_encodable why_not_encodable_bases(mp_list<B...>) {
    not_encodable found = not_encodable::none;
    ((found = first_of(found, why_not_encodable_base<B, Path...>())), ...);
    return found;
}
template <class T, class... Path>
consteval not_encodable why_not_encodable_in_parts() {
    using traits = value_traits<T>;
    if constexpr (!traits::may_own_its_kind)
        return first_not_encodable<Path...>(traits::parts());
    else if constexpr (!traits::assigns_parts)
        return first_not_encodable<T, Path...>(traits::parts());
    else {
        const not_encodable found = first_of(why_not_encodable_bases<T, Path...>(traits::bases()),
                                             first_not_encodable<T, Path...>(traits::parts()));
        return any_const(traits::parts()) ? first_of(found, not_encodable::constant) : found;
    }
}

/// The first reason in T, at any depth. Path holds the classes around T, so that a class that owns others of its
/// own kind is examined once.
template <class T, class... Path>
consteval not_encodable why_not_encodable() {
    if constexpr ((std::is_same_v<T, Path> || ...))
        return not_encodable::none;
    else if constexpr (value_traits<T>::own_reason() != not_encodable::none)
        return value_traits<T>::own_reason();
    else
        return why_not_encodable_in_parts<T, Path...>();
}

template <class T, class... Path>
consteval bool can_be_copied();

template <class... Path, class... T>
consteval bool can_all_be_copied(mp_list<T...>) {
    return (can_be_copied<std::remove_cv_t<std::remove_all_extents_t<T>>, Path...>() && ...);
}

/// Whether a copy of T compiles. std::is_copy_constructible is true for a std::vector<std::unique_ptr<int>>
/// and for every class with such a member. Path holds the classes around T, as in why_not_encodable().
template <class T, class... Path>
consteval bool can_be_copied() {
    using traits = value_traits<T>;
    if constexpr ((std::is_same_v<T, Path> || ...))
        return true;
    else if constexpr (!std::is_copy_constructible_v<T>)
        return false;
    else if constexpr (!traits::copies_parts)
        return true;
    else if constexpr (traits::may_own_its_kind)
        return can_all_be_copied<T, Path...>(traits::bases()) &&
               can_all_be_copied<T, Path...>(traits::parts());
    else
        return can_all_be_copied<Path...>(traits::parts());
}

template <class T>
consteval size_bound find_size_bound() {
    return value_traits<T>::size();
}

template <class... T>
consteval size_bound sum_of_bounds(mp_list<T...>) {
    size_bound sum{0, true};
    ((sum.least += find_size_bound<std::remove_cv_t<T>>().least,
      sum.fixed = sum.fixed && find_size_bound<std::remove_cv_t<T>>().fixed),
     ...);
    return sum;
}

template <class Element>
consteval size_bound bound_of_elements(std::size_t count) {
    constexpr size_bound element = find_size_bound<std::remove_cv_t<Element>>();
    return {element.least * count, element.fixed};
}

/// A C array is a member of another value; it is encoded element by element.
template <class T>
struct value_traits<T, value_kind::c_array> : common_traits {
    static consteval mp_list<std::remove_all_extents_t<T>> parts() { return {}; }
    static consteval size_bound size() {
        return bound_of_elements<std::remove_extent_t<T>>(std::extent_v<T>);
    }
};

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

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_TRAVEL_KIND_HPP
#define PROCPOOL_DETAIL_CODEC_TRAVEL_KIND_HPP

#include <procpool/detail/codec/aggregate_fields.hpp>
#include <procpool/detail/codec/described_members.hpp>
#include <procpool/detail/codec/travel_concepts.hpp>

#include <concepts>
#include <exception>
#include <string>
#include <type_traits>

namespace procpool {

template <class T>
struct codec;

namespace detail {

/// The way in which a type is sent between processes.
enum class travel_kind {
    custom,      // by a codec<T> of the user's
    pointer,     // not at all: an address
    reference,   // not at all: an object elsewhere
    view,        // only as a task's parameter: elements elsewhere
    c_array,     // only as a member
    plain,       // as its bytes
    path,        // as its text
    exception,   // of <stdexcept>: as its text
    array,       // element by element, as many as the type says
    product,     // pair and tuple
    optional,    //
    variant,     //
    owner,       // unique_ptr and shared_ptr: the owned object, by value
    serialized,  // as Boost.Serialization saves it
    described,   // member by member, as Boost.Describe lists them
    contiguous,  // a count and the bytes of all elements: string, vector of plain elements
    associative, // a count and the elements
    sequence,    // a count and the elements
    aggregate,   // field by field
    none         // not at all
};

/// The user's specialisation has precedence. The primary template marks itself, for its own T only: a
/// specialisation may derive from the primary template for another type.
template <class T>
concept has_own_codec = !requires {
    requires std::is_same_v<typename codec<T>::primary_for, T>;
};

/// Whether a T is sent by Boost.Serialization; <procpool/codec/serialization.hpp> specialises it.
template <class T>
inline constexpr bool is_serialized = false;

template <class T>
consteval travel_kind kind_of();

template <class T>
inline constexpr bool is_plain = kind_of<std::remove_cv_t<T>>() == travel_kind::plain;

template <class T>
inline constexpr bool is_plain_member = is_plain<std::remove_all_extents_t<T>>;
template <class... T>
consteval bool are_plain(type_list<T...>) {
    return (is_plain_member<T> && ...);
}

/// Whether the bytes of a trivially copyable T are its complete value. Classes that cannot be decomposed are
/// assumed to be.
template <class T>
consteval bool has_plain_members() {
    if constexpr (described_class<T>)
        return are_plain(described_base_types<T>{}) && are_plain(described_member_types<T>{});
    else if constexpr (std::is_aggregate_v<T> && !std::is_union_v<T>) {
        if constexpr (shape_of<T>.what == shape::fields)
            return are_plain(field_types<T>{});
        else
            return shape_of<T>.what == shape::opaque;
    } else
        return true;
}

/// An exception that can be made from a text alone.
template <class T>
concept made_of_text = std::derived_from<T, std::exception> && std::constructible_from<T, std::string>;

/// Whether a T can be made first and decoded into later.
template <class T>
consteval bool can_be_made_empty() {
    return std::is_default_constructible_v<T> || made_of_text<T>;
}

/// A described class is default-constructed and then decoded into. An aggregate need not be default
/// constructible.
template <class T>
concept described_by_preference = described_class<T> &&(can_be_made_empty<T>() || !std::is_aggregate_v<T>);

template <class T>
consteval travel_kind kind_of() {
    using enum travel_kind;
    if constexpr (std::is_reference_v<T>)
        return reference;
    else if constexpr (!std::is_object_v<T>)
        return none;
    else if constexpr (std::is_array_v<T>)
        return std::is_bounded_array_v<T> ? c_array : none;
    else if constexpr (has_own_codec<T>)
        return custom;
    else if constexpr (pointer_like<T>)
        return pointer;
    else if constexpr (reference_like<T>)
        return reference;
    else if constexpr (view_like<T>)
        return view;
    else if constexpr (is_std_array<T>) {
        if constexpr (std::tuple_size_v<T> != 0 && std::is_trivially_copyable_v<T>)
            return is_plain<typename T::value_type> ? plain : array;
        else
            return array;
    } else if constexpr (is_product<T>)
        return product;
    else if constexpr (is_optional<T>)
        return optional;
    else if constexpr (is_variant<T>)
        return variant;
    else if constexpr (is_owner<T>)
        return owner;
    else if constexpr (path_like<T>)
        return path;
    else if constexpr (is_text_exception<T>)
        return exception;
    else if constexpr (is_serialized<T>)
        return serialized;
    else if constexpr (std::is_trivially_copyable_v<T> && std::is_move_constructible_v<T>) {
        if constexpr (has_plain_members<T>())
            return plain;
        else
            return described_by_preference<T> ? described : aggregate;
    } else if constexpr (described_by_preference<T>)
        return described;
    else if constexpr (growing_container<T>) {
        if constexpr (contiguous_container<T>)
            return is_plain<typename T::value_type> ? contiguous : sequence;
        else if constexpr (associative_container<T>)
            return associative;
        else
            return sequence;
    } else if constexpr (std::is_aggregate_v<T> && !std::is_union_v<T>)
        return shape_of<T>.what == shape::opaque ? none : aggregate;
    else
        return none;
}

} // namespace detail
} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_KINDS_HPP
#define PROCPOOL_DETAIL_CODEC_KINDS_HPP

#include <procpool/detail/codec/aggregate.hpp>

#include <boost/describe/bases.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

// The bases and the data members that a BOOST_DESCRIBE_CLASS or BOOST_DESCRIBE_STRUCT lists, including
// private ones.

namespace procpool::detail {

template <class T>
concept described_class = std::is_class_v<T> && boost::describe::has_describe_members<T>::value &&
    boost::describe::has_describe_bases<T>::value;

template <class T>
using described_bases = boost::describe::describe_bases<T, boost::describe::mod_any_access>;
template <class T>
using described_members = boost::describe::describe_members<T, boost::describe::mod_any_access>;

template <class Pointer>
struct pointed_member;
template <class T, class M>
struct pointed_member<M T::*> {
    using type = M;
};

template <class Base>
using type_of_base = typename Base::type;
template <class Member>
using type_of_member = typename pointed_member<std::remove_cv_t<decltype(Member::pointer)>>::type;

template <class T>
using described_base_types =
    boost::mp11::mp_rename<boost::mp11::mp_transform<type_of_base, described_bases<T>>, mp_list>;
template <class T>
using described_member_types =
    boost::mp11::mp_rename<boost::mp11::mp_transform<type_of_member, described_members<T>>, mp_list>;

// Recognises types by their members. Containers and paths are recognised in this way, so that no program
// includes headers that it does not use, and containers of other libraries work too.

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <class... Args, template <class...> class Template>
inline constexpr bool is_a<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_owner = false;
template <class T>
inline constexpr bool is_owner<std::unique_ptr<T>> = !std::is_array_v<T>;
template <class T>
inline constexpr bool is_owner<std::shared_ptr<T>> = !std::is_array_v<T>;

template <class T>
inline constexpr bool is_product = is_a<T, std::tuple> || is_a<T, std::pair>;
template <class T>
inline constexpr bool is_optional = is_a<T, std::optional>;
template <class T>
inline constexpr bool is_variant = is_a<T, std::variant>;

template <class T, class... Listed>
inline constexpr bool is_one_of = (std::is_same_v<T, Listed> || ...);
/// An exception of <stdexcept>: its content is a text only.
template <class T>
inline constexpr bool is_text_exception =
    is_one_of<T, std::logic_error, std::invalid_argument, std::domain_error, std::length_error,
              std::out_of_range, std::runtime_error, std::range_error, std::overflow_error,
              std::underflow_error>;

template <class T>
concept pointer_like = std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T> ||
    (std::is_trivially_copyable_v<T> && !is_optional<T> && std::input_or_output_iterator<T>);

template <class T>
concept reference_like = is_a<T, std::reference_wrapper>;

template <class T>
inline constexpr bool is_view_parameter = false;
template <class T, std::size_t N>
inline constexpr bool is_view_parameter<std::span<T, N>> = std::is_const_v<T>;
template <class C, class Traits>
inline constexpr bool is_view_parameter<std::basic_string_view<C, Traits>> = true;

/// A range over elements that it does not own.
template <class T>
concept view_like = is_view_parameter<T> || is_a<T, std::initializer_list> ||
    (std::is_trivially_copyable_v<T>&& std::ranges::view<T>&&
         std::is_lvalue_reference_v<std::ranges::range_reference_t<T>>);

template <class T>
concept path_like = std::is_class_v<T> && !std::is_aggregate_v<T> && requires(const T& path) {
    typename T::string_type;
    { path.native() } -> std::same_as<const typename T::string_type&>;
    path.lexically_normal();
    requires std::constructible_from<T, typename T::string_type>;
};

template <class T, class Element>
concept has_elements = requires {
    requires std::is_same_v<typename T::value_type, Element>;
}
|| requires {
    requires std::is_same_v<typename T::key_type, Element>;
};

template <class T>
inline constexpr bool is_template_over_elements = false;
template <template <class...> class Template, class First, class... Rest>
inline constexpr bool is_template_over_elements<Template<First, Rest...>> =
    has_elements<Template<First, Rest...>, First>;

// A class template over its elements. A class derived from a container, with members of its own, is excluded:
// only the elements would be sent.
template <class T>
concept growing_container =
    is_template_over_elements<T> && !std::is_aggregate_v<T> && std::default_initializable<T> &&
    std::movable<T> && requires(T & to, const T& from) {
    typename T::value_type;
    from.begin() != from.end();
    from.max_size();
    to.clear();
};

template <class T>
concept contiguous_container = growing_container<T> && requires(T& to, const T& from) {
    { from.data() } -> std::same_as<const typename T::value_type*>;
    from.size();
    to.reserve(from.size());
    to.insert(to.end(), from.data(), from.data());
};

template <class T>
concept associative_container = growing_container<T> && requires {
    typename T::key_type;
};
template <class T>
concept map_like = associative_container<T> && requires {
    typename T::mapped_type;
};

template <class T>
concept forward_list_like = growing_container<T> && requires(T& to) {
    to.before_begin();
};
template <class T>
concept sequence_like = forward_list_like<T> ||
    (growing_container<T>&& requires(T& to, typename T::value_type&& value) {
        to.push_back(static_cast<typename T::value_type&&>(value));
    });

} // namespace procpool::detail

namespace procpool {

template <class T>
struct codec;

namespace detail {

/// The way in which a type is sent between processes.
enum class value_kind {
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
consteval value_kind kind_of();

template <class T>
inline constexpr bool is_plain = kind_of<std::remove_cv_t<T>>() == value_kind::plain;

template <class T>
inline constexpr bool is_plain_member = is_plain<std::remove_all_extents_t<T>>;
template <class... T>
consteval bool are_plain(mp_list<T...>) {
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
consteval value_kind kind_of() {
    using enum value_kind;
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

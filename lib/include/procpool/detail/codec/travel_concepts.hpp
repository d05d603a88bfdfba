// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_TRAVEL_CONCEPTS_HPP
#define PROCPOOL_DETAIL_CODEC_TRAVEL_CONCEPTS_HPP

#include <array>
#include <cstddef>
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

// Recognises types by their members. Containers and paths are recognised in this way, so that no program
// includes headers that it does not use, and containers of other libraries work too.

namespace procpool::detail {

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

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_AGGREGATE_FIELDS_HPP
#define PROCPOOL_DETAIL_AGGREGATE_FIELDS_HPP

#include <procpool/detail/aggregate_shape.hpp>
#include <procpool/detail/type_list.hpp>

#include <boost/preprocessor/repetition/enum.hpp>
#include <boost/preprocessor/repetition/enum_params.hpp>
#include <boost/preprocessor/repetition/repeat_from_to.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace procpool::detail {

#define PROCPOOL_DETAIL_FIELD_TYPE(z, n, unused) decltype(f##n)
#define PROCPOOL_DETAIL_TYPES(z, n, unused)                                                                  \
    else if constexpr (Count == n) {                                                                         \
        const auto& [BOOST_PP_ENUM_PARAMS_Z(z, n, f)] = value;                                               \
        return type_list<BOOST_PP_ENUM_##z(n, PROCPOOL_DETAIL_FIELD_TYPE, ~)>{};                             \
    }
#define PROCPOOL_DETAIL_VISIT(z, n, unused)                                                                  \
    else if constexpr (Count == n) {                                                                         \
        const auto& [BOOST_PP_ENUM_PARAMS_Z(z, n, f)] = value;                                               \
        return use(BOOST_PP_ENUM_PARAMS_Z(z, n, f));                                                         \
    }

template <std::size_t Count, class T>
constexpr auto list_field_types([[maybe_unused]] const T& value) {
    if constexpr (Count == 0)
        return type_list<>{};
    BOOST_PP_REPEAT_FROM_TO(1, 65, PROCPOOL_DETAIL_TYPES, ~)
}

/// The declared types of the fields, C arrays and references as they are, const where the field is or not.
template <class T>
using field_types = decltype(list_field_types<shape_of<T>.fields>(std::declval<const T&>()));

template <std::size_t Count, class T, class Use>
constexpr decltype(auto) apply_to_fields([[maybe_unused]] const T& value, Use&& use) {
    if constexpr (Count == 0)
        return use();
    BOOST_PP_REPEAT_FROM_TO(1, 65, PROCPOOL_DETAIL_VISIT, ~)
}

#undef PROCPOOL_DETAIL_VISIT
#undef PROCPOOL_DETAIL_TYPES
#undef PROCPOOL_DETAIL_FIELD_TYPE

/// Calls `use` with every field of the aggregate `value`, a bit-field as a copy.
template <class T, class Use>
constexpr decltype(auto) with_fields(const T& value, Use&& use) {
    return apply_to_fields<shape_of<T>.fields>(value, use);
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_AGGREGATE_FIELDS_HPP
#define PROCPOOL_DETAIL_CODEC_AGGREGATE_FIELDS_HPP

#include <procpool/detail/codec/aggregate_shape.hpp>
#include <procpool/detail/codec/field_names.hpp>
#include <procpool/detail/codec/type_list.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace procpool::detail {

#define PROCPOOL_DETAIL_LIST(n)                                                                              \
    else if constexpr (Count == n) {                                                                         \
        const auto& [PROCPOOL_DETAIL_FIELDS_##n] = value;                                                    \
        return type_list<PROCPOOL_DETAIL_TYPES_##n>{};                                                       \
    }
#define PROCPOOL_DETAIL_VISIT(n)                                                                             \
    else if constexpr (Count == n) {                                                                         \
        const auto& [PROCPOOL_DETAIL_FIELDS_##n] = value;                                                    \
        return use(PROCPOOL_DETAIL_FIELDS_##n);                                                              \
    }

template <std::size_t Count, class T>
constexpr auto list_field_types([[maybe_unused]] const T& value) {
    if constexpr (Count == 0)
        return type_list<>{};
    PROCPOOL_DETAIL_1_TO_64(PROCPOOL_DETAIL_LIST)
}

/// The declared types of the fields. C arrays, references and const are preserved.
template <class T>
using field_types = decltype(list_field_types<shape_of<T>.fields>(std::declval<const T&>()));

template <std::size_t Count, class T, class Use>
constexpr decltype(auto) apply_to_fields([[maybe_unused]] const T& value, Use&& use) {
    if constexpr (Count == 0)
        return use();
    PROCPOOL_DETAIL_1_TO_64(PROCPOOL_DETAIL_VISIT)
}

#undef PROCPOOL_DETAIL_VISIT
#undef PROCPOOL_DETAIL_LIST

/// Calls `use` with every field of the aggregate `value`; a bit-field is passed as a copy.
template <class T, class Use>
constexpr decltype(auto) with_fields(const T& value, Use&& use) {
    return apply_to_fields<shape_of<T>.fields>(value, use);
}

} // namespace procpool::detail

#endif

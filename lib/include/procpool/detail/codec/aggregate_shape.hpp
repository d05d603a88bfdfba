// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_AGGREGATE_SHAPE_HPP
#define PROCPOOL_DETAIL_CODEC_AGGREGATE_SHAPE_HPP

#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>

// Counts the fields of an aggregate by trying initialisers.
//
// Boost.PFR does the same, but a bit-field, a C array, a base class or a reference among the fields stops the
// compilation inside PFR. All of these except references occur in trivially copyable types that can be sent.

namespace procpool::detail {

/// The maximum number of fields, or elements of C arrays, that are examined.
inline constexpr std::size_t max_fields = 64;

// `const` makes a member's own constructor template a better match than this conversion, if both match. The
// conversions are never called; clang requires their definitions for types without linkage.
struct any_value {
    template <class U>
    operator U() const noexcept {
        std::abort();
    }
};
struct any_lvalue {
    template <class U>
    operator U&() const noexcept {
        std::abort();
    }
};
struct any_union {
    template <class U>
    requires std::is_union_v<U>
    operator U() const noexcept { std::abort(); }
};
struct no_value {};
template <class T>
struct any_base {
    template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) operator U() const noexcept { std::abort(); }
};

template <class Initializer, std::size_t>
using repeated = Initializer;

template <class T, class Initializer, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
    return requires {
        T{repeated<Initializer, I>{}...};
    };
}
template <class T, class Probe, std::size_t... Before, std::size_t... After>
consteval bool takes_probe(std::index_sequence<Before...>, std::index_sequence<After...>) {
    return requires {
        T{repeated<any_value, Before>{}..., Probe{}, repeated<any_value, After>{}...};
    };
}
/// Whether a Probe initialises the field at At because of its conversion. A constructor template that takes
/// anything does not count.
template <class T, class Probe, std::size_t Total, std::size_t At>
inline constexpr bool converts_at = takes_probe<T, Probe>(std::make_index_sequence<At>{},
                                                          std::make_index_sequence<Total - At - 1>{}) &&
                                    !takes_probe<T, no_value>(std::make_index_sequence<At>{},
                                                              std::make_index_sequence<Total - At - 1>{});

template <class T, std::size_t... Before, std::size_t... In, std::size_t... After>
consteval bool takes_braced(std::index_sequence<Before...>, std::index_sequence<In...>,
                            std::index_sequence<After...>) {
    return requires {
        T{repeated<any_value, Before>{}..., {repeated<any_value, In>{}...}, repeated<any_value, After>{}...};
    };
}

inline constexpr std::size_t unknown_count = static_cast<std::size_t>(-1);

/// The largest number of initialisers that T takes. (All numbers from the last field that needs an
/// initialiser up to this one are possible.)
template <class T, class Initializer, std::size_t N = 0>
consteval std::size_t initializer_count() {
    if constexpr (takes<T, Initializer>(std::make_index_sequence<N>{}) &&
                  !takes<T, Initializer>(std::make_index_sequence<N + 1>{}))
        return N;
    else if constexpr (N == max_fields)
        return unknown_count;
    else
        return initializer_count<T, Initializer, N + 1>();
}

template <class T, std::size_t At, std::size_t In, std::size_t Behind>
inline constexpr bool takes_braced_at = takes_braced<T>(std::make_index_sequence<At>{},
                                                        std::make_index_sequence<In>{},
                                                        std::make_index_sequence<Behind>{});

/// The number of initialisers of the field at initialiser At, if `{}` initialises it: Total minus the
/// initialisers before it and the largest number that may follow it. 0 if `{}` does not initialise it.
template <class T, std::size_t Total, std::size_t At, std::size_t Behind = Total - At - 1>
consteval std::size_t width_of_defaulted() {
    if constexpr (takes_braced_at<T, At, 0, Behind>)
        return Total - At - Behind;
    else if constexpr (Behind == 0)
        return 0;
    else
        return width_of_defaulted<T, Total, At, Behind - 1>();
}

/// The same for a field that `{}` does not initialise: an array whose elements must all be given, or another
/// type.
template <class T, std::size_t Total, std::size_t At, std::size_t Width = 2>
consteval std::size_t width_of_filled() {
    if constexpr (At + Width > Total)
        return 1;
    else if constexpr (takes_braced_at<T, At, Width, Total - At - Width> &&
                       !takes_braced_at<T, At, Width, Total - At - 1>)
        return Width;
    else
        return width_of_filled<T, Total, At, Width + 1>();
}

/// How many of the Total initialisers the field at initialiser At takes: 1, or the number of elements of a C
/// array. Only an array in its own braces leaves too few fields for all the initialisers that follow.
///
/// Empty braces are tried first: filled braces make clang instantiate constexpr constructors, such as that of
/// a vector which copies its initializer_list. Filled braces are used only for types without a default
/// constructor.
template <class T, std::size_t Total, std::size_t At>
consteval std::size_t field_width() {
    constexpr std::size_t width = width_of_defaulted<T, Total, At>();
    if constexpr (width != 0)
        return width;
    else
        return width_of_filled<T, Total, At>();
}

template <class T, std::size_t Total, std::size_t At = 0>
consteval std::size_t field_count() {
    if constexpr (At >= Total)
        return 0;
    else if constexpr (converts_at<T, any_union, Total, At>)
        return unknown_count;
    else {
        constexpr std::size_t rest = field_count<T, Total, At + field_width<T, Total, At>()>();
        return rest == unknown_count ? unknown_count : rest + 1;
    }
}

enum class shape { fields, reference, opaque };

struct aggregate_shape {
    shape what;
    std::size_t fields;
};

/// The number of fields of T, or `reference` if a field is an lvalue reference, or `opaque` if T has a base,
/// a union or too many fields.
template <class T>
consteval aggregate_shape find_aggregate_shape() {
    constexpr std::size_t total = initializer_count<T, any_value>();
    if constexpr (total == unknown_count) {
        if constexpr (initializer_count<T, any_lvalue>() != unknown_count)
            return {shape::reference, 0};
        else
            return {shape::opaque, 0};
    } else if constexpr (total == 0) {
        return {std::is_empty_v<T> ? shape::fields : shape::opaque, 0};
    } else if constexpr (converts_at<T, any_base<T>, total, 0>) {
        return {shape::opaque, 0};
    } else {
        constexpr std::size_t fields = field_count<T, total>();
        if constexpr (fields == unknown_count)
            return {shape::opaque, 0};
        else
            return {shape::fields, fields};
    }
}

template <class T>
inline constexpr aggregate_shape shape_of = find_aggregate_shape<T>();

} // namespace procpool::detail

#endif

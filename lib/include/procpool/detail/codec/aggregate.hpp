// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_AGGREGATE_HPP
#define PROCPOOL_DETAIL_CODEC_AGGREGATE_HPP

#include <boost/mp11/list.hpp>

#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace procpool::detail {

using boost::mp11::mp_list;

// Counts the fields of an aggregate by trying initialisers.
//
// Boost.PFR does the same, but a bit-field, a C array, a base class or a reference among the fields stops the
// compilation inside PFR. All of these except references occur in trivially copyable types that can be sent.

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

// The names of up to 64 fields, and their types. Boost.Preprocessor would need one line, but then every
// program that includes procpool takes a tenth longer to compile.

#define PROCPOOL_DETAIL_FIELDS_1 f0
#define PROCPOOL_DETAIL_FIELDS_2 PROCPOOL_DETAIL_FIELDS_1, f1
#define PROCPOOL_DETAIL_FIELDS_3 PROCPOOL_DETAIL_FIELDS_2, f2
#define PROCPOOL_DETAIL_FIELDS_4 PROCPOOL_DETAIL_FIELDS_3, f3
#define PROCPOOL_DETAIL_FIELDS_5 PROCPOOL_DETAIL_FIELDS_4, f4
#define PROCPOOL_DETAIL_FIELDS_6 PROCPOOL_DETAIL_FIELDS_5, f5
#define PROCPOOL_DETAIL_FIELDS_7 PROCPOOL_DETAIL_FIELDS_6, f6
#define PROCPOOL_DETAIL_FIELDS_8 PROCPOOL_DETAIL_FIELDS_7, f7
#define PROCPOOL_DETAIL_FIELDS_9 PROCPOOL_DETAIL_FIELDS_8, f8
#define PROCPOOL_DETAIL_FIELDS_10 PROCPOOL_DETAIL_FIELDS_9, f9
#define PROCPOOL_DETAIL_FIELDS_11 PROCPOOL_DETAIL_FIELDS_10, f10
#define PROCPOOL_DETAIL_FIELDS_12 PROCPOOL_DETAIL_FIELDS_11, f11
#define PROCPOOL_DETAIL_FIELDS_13 PROCPOOL_DETAIL_FIELDS_12, f12
#define PROCPOOL_DETAIL_FIELDS_14 PROCPOOL_DETAIL_FIELDS_13, f13
#define PROCPOOL_DETAIL_FIELDS_15 PROCPOOL_DETAIL_FIELDS_14, f14
#define PROCPOOL_DETAIL_FIELDS_16 PROCPOOL_DETAIL_FIELDS_15, f15
#define PROCPOOL_DETAIL_FIELDS_17 PROCPOOL_DETAIL_FIELDS_16, f16
#define PROCPOOL_DETAIL_FIELDS_18 PROCPOOL_DETAIL_FIELDS_17, f17
#define PROCPOOL_DETAIL_FIELDS_19 PROCPOOL_DETAIL_FIELDS_18, f18
#define PROCPOOL_DETAIL_FIELDS_20 PROCPOOL_DETAIL_FIELDS_19, f19
#define PROCPOOL_DETAIL_FIELDS_21 PROCPOOL_DETAIL_FIELDS_20, f20
#define PROCPOOL_DETAIL_FIELDS_22 PROCPOOL_DETAIL_FIELDS_21, f21
#define PROCPOOL_DETAIL_FIELDS_23 PROCPOOL_DETAIL_FIELDS_22, f22
#define PROCPOOL_DETAIL_FIELDS_24 PROCPOOL_DETAIL_FIELDS_23, f23
#define PROCPOOL_DETAIL_FIELDS_25 PROCPOOL_DETAIL_FIELDS_24, f24
#define PROCPOOL_DETAIL_FIELDS_26 PROCPOOL_DETAIL_FIELDS_25, f25
#define PROCPOOL_DETAIL_FIELDS_27 PROCPOOL_DETAIL_FIELDS_26, f26
#define PROCPOOL_DETAIL_FIELDS_28 PROCPOOL_DETAIL_FIELDS_27, f27
#define PROCPOOL_DETAIL_FIELDS_29 PROCPOOL_DETAIL_FIELDS_28, f28
#define PROCPOOL_DETAIL_FIELDS_30 PROCPOOL_DETAIL_FIELDS_29, f29
#define PROCPOOL_DETAIL_FIELDS_31 PROCPOOL_DETAIL_FIELDS_30, f30
#define PROCPOOL_DETAIL_FIELDS_32 PROCPOOL_DETAIL_FIELDS_31, f31
#define PROCPOOL_DETAIL_FIELDS_33 PROCPOOL_DETAIL_FIELDS_32, f32
#define PROCPOOL_DETAIL_FIELDS_34 PROCPOOL_DETAIL_FIELDS_33, f33
#define PROCPOOL_DETAIL_FIELDS_35 PROCPOOL_DETAIL_FIELDS_34, f34
#define PROCPOOL_DETAIL_FIELDS_36 PROCPOOL_DETAIL_FIELDS_35, f35
#define PROCPOOL_DETAIL_FIELDS_37 PROCPOOL_DETAIL_FIELDS_36, f36
#define PROCPOOL_DETAIL_FIELDS_38 PROCPOOL_DETAIL_FIELDS_37, f37
#define PROCPOOL_DETAIL_FIELDS_39 PROCPOOL_DETAIL_FIELDS_38, f38
#define PROCPOOL_DETAIL_FIELDS_40 PROCPOOL_DETAIL_FIELDS_39, f39
#define PROCPOOL_DETAIL_FIELDS_41 PROCPOOL_DETAIL_FIELDS_40, f40
#define PROCPOOL_DETAIL_FIELDS_42 PROCPOOL_DETAIL_FIELDS_41, f41
#define PROCPOOL_DETAIL_FIELDS_43 PROCPOOL_DETAIL_FIELDS_42, f42
#define PROCPOOL_DETAIL_FIELDS_44 PROCPOOL_DETAIL_FIELDS_43, f43
#define PROCPOOL_DETAIL_FIELDS_45 PROCPOOL_DETAIL_FIELDS_44, f44
#define PROCPOOL_DETAIL_FIELDS_46 PROCPOOL_DETAIL_FIELDS_45, f45
#define PROCPOOL_DETAIL_FIELDS_47 PROCPOOL_DETAIL_FIELDS_46, f46
#define PROCPOOL_DETAIL_FIELDS_48 PROCPOOL_DETAIL_FIELDS_47, f47
#define PROCPOOL_DETAIL_FIELDS_49 PROCPOOL_DETAIL_FIELDS_48, f48
#define PROCPOOL_DETAIL_FIELDS_50 PROCPOOL_DETAIL_FIELDS_49, f49
#define PROCPOOL_DETAIL_FIELDS_51 PROCPOOL_DETAIL_FIELDS_50, f50
#define PROCPOOL_DETAIL_FIELDS_52 PROCPOOL_DETAIL_FIELDS_51, f51
#define PROCPOOL_DETAIL_FIELDS_53 PROCPOOL_DETAIL_FIELDS_52, f52
#define PROCPOOL_DETAIL_FIELDS_54 PROCPOOL_DETAIL_FIELDS_53, f53
#define PROCPOOL_DETAIL_FIELDS_55 PROCPOOL_DETAIL_FIELDS_54, f54
#define PROCPOOL_DETAIL_FIELDS_56 PROCPOOL_DETAIL_FIELDS_55, f55
#define PROCPOOL_DETAIL_FIELDS_57 PROCPOOL_DETAIL_FIELDS_56, f56
#define PROCPOOL_DETAIL_FIELDS_58 PROCPOOL_DETAIL_FIELDS_57, f57
#define PROCPOOL_DETAIL_FIELDS_59 PROCPOOL_DETAIL_FIELDS_58, f58
#define PROCPOOL_DETAIL_FIELDS_60 PROCPOOL_DETAIL_FIELDS_59, f59
#define PROCPOOL_DETAIL_FIELDS_61 PROCPOOL_DETAIL_FIELDS_60, f60
#define PROCPOOL_DETAIL_FIELDS_62 PROCPOOL_DETAIL_FIELDS_61, f61
#define PROCPOOL_DETAIL_FIELDS_63 PROCPOOL_DETAIL_FIELDS_62, f62
#define PROCPOOL_DETAIL_FIELDS_64 PROCPOOL_DETAIL_FIELDS_63, f63

#define PROCPOOL_DETAIL_TYPES_1 decltype(f0)
#define PROCPOOL_DETAIL_TYPES_2 PROCPOOL_DETAIL_TYPES_1, decltype(f1)
#define PROCPOOL_DETAIL_TYPES_3 PROCPOOL_DETAIL_TYPES_2, decltype(f2)
#define PROCPOOL_DETAIL_TYPES_4 PROCPOOL_DETAIL_TYPES_3, decltype(f3)
#define PROCPOOL_DETAIL_TYPES_5 PROCPOOL_DETAIL_TYPES_4, decltype(f4)
#define PROCPOOL_DETAIL_TYPES_6 PROCPOOL_DETAIL_TYPES_5, decltype(f5)
#define PROCPOOL_DETAIL_TYPES_7 PROCPOOL_DETAIL_TYPES_6, decltype(f6)
#define PROCPOOL_DETAIL_TYPES_8 PROCPOOL_DETAIL_TYPES_7, decltype(f7)
#define PROCPOOL_DETAIL_TYPES_9 PROCPOOL_DETAIL_TYPES_8, decltype(f8)
#define PROCPOOL_DETAIL_TYPES_10 PROCPOOL_DETAIL_TYPES_9, decltype(f9)
#define PROCPOOL_DETAIL_TYPES_11 PROCPOOL_DETAIL_TYPES_10, decltype(f10)
#define PROCPOOL_DETAIL_TYPES_12 PROCPOOL_DETAIL_TYPES_11, decltype(f11)
#define PROCPOOL_DETAIL_TYPES_13 PROCPOOL_DETAIL_TYPES_12, decltype(f12)
#define PROCPOOL_DETAIL_TYPES_14 PROCPOOL_DETAIL_TYPES_13, decltype(f13)
#define PROCPOOL_DETAIL_TYPES_15 PROCPOOL_DETAIL_TYPES_14, decltype(f14)
#define PROCPOOL_DETAIL_TYPES_16 PROCPOOL_DETAIL_TYPES_15, decltype(f15)
#define PROCPOOL_DETAIL_TYPES_17 PROCPOOL_DETAIL_TYPES_16, decltype(f16)
#define PROCPOOL_DETAIL_TYPES_18 PROCPOOL_DETAIL_TYPES_17, decltype(f17)
#define PROCPOOL_DETAIL_TYPES_19 PROCPOOL_DETAIL_TYPES_18, decltype(f18)
#define PROCPOOL_DETAIL_TYPES_20 PROCPOOL_DETAIL_TYPES_19, decltype(f19)
#define PROCPOOL_DETAIL_TYPES_21 PROCPOOL_DETAIL_TYPES_20, decltype(f20)
#define PROCPOOL_DETAIL_TYPES_22 PROCPOOL_DETAIL_TYPES_21, decltype(f21)
#define PROCPOOL_DETAIL_TYPES_23 PROCPOOL_DETAIL_TYPES_22, decltype(f22)
#define PROCPOOL_DETAIL_TYPES_24 PROCPOOL_DETAIL_TYPES_23, decltype(f23)
#define PROCPOOL_DETAIL_TYPES_25 PROCPOOL_DETAIL_TYPES_24, decltype(f24)
#define PROCPOOL_DETAIL_TYPES_26 PROCPOOL_DETAIL_TYPES_25, decltype(f25)
#define PROCPOOL_DETAIL_TYPES_27 PROCPOOL_DETAIL_TYPES_26, decltype(f26)
#define PROCPOOL_DETAIL_TYPES_28 PROCPOOL_DETAIL_TYPES_27, decltype(f27)
#define PROCPOOL_DETAIL_TYPES_29 PROCPOOL_DETAIL_TYPES_28, decltype(f28)
#define PROCPOOL_DETAIL_TYPES_30 PROCPOOL_DETAIL_TYPES_29, decltype(f29)
#define PROCPOOL_DETAIL_TYPES_31 PROCPOOL_DETAIL_TYPES_30, decltype(f30)
#define PROCPOOL_DETAIL_TYPES_32 PROCPOOL_DETAIL_TYPES_31, decltype(f31)
#define PROCPOOL_DETAIL_TYPES_33 PROCPOOL_DETAIL_TYPES_32, decltype(f32)
#define PROCPOOL_DETAIL_TYPES_34 PROCPOOL_DETAIL_TYPES_33, decltype(f33)
#define PROCPOOL_DETAIL_TYPES_35 PROCPOOL_DETAIL_TYPES_34, decltype(f34)
#define PROCPOOL_DETAIL_TYPES_36 PROCPOOL_DETAIL_TYPES_35, decltype(f35)
#define PROCPOOL_DETAIL_TYPES_37 PROCPOOL_DETAIL_TYPES_36, decltype(f36)
#define PROCPOOL_DETAIL_TYPES_38 PROCPOOL_DETAIL_TYPES_37, decltype(f37)
#define PROCPOOL_DETAIL_TYPES_39 PROCPOOL_DETAIL_TYPES_38, decltype(f38)
#define PROCPOOL_DETAIL_TYPES_40 PROCPOOL_DETAIL_TYPES_39, decltype(f39)
#define PROCPOOL_DETAIL_TYPES_41 PROCPOOL_DETAIL_TYPES_40, decltype(f40)
#define PROCPOOL_DETAIL_TYPES_42 PROCPOOL_DETAIL_TYPES_41, decltype(f41)
#define PROCPOOL_DETAIL_TYPES_43 PROCPOOL_DETAIL_TYPES_42, decltype(f42)
#define PROCPOOL_DETAIL_TYPES_44 PROCPOOL_DETAIL_TYPES_43, decltype(f43)
#define PROCPOOL_DETAIL_TYPES_45 PROCPOOL_DETAIL_TYPES_44, decltype(f44)
#define PROCPOOL_DETAIL_TYPES_46 PROCPOOL_DETAIL_TYPES_45, decltype(f45)
#define PROCPOOL_DETAIL_TYPES_47 PROCPOOL_DETAIL_TYPES_46, decltype(f46)
#define PROCPOOL_DETAIL_TYPES_48 PROCPOOL_DETAIL_TYPES_47, decltype(f47)
#define PROCPOOL_DETAIL_TYPES_49 PROCPOOL_DETAIL_TYPES_48, decltype(f48)
#define PROCPOOL_DETAIL_TYPES_50 PROCPOOL_DETAIL_TYPES_49, decltype(f49)
#define PROCPOOL_DETAIL_TYPES_51 PROCPOOL_DETAIL_TYPES_50, decltype(f50)
#define PROCPOOL_DETAIL_TYPES_52 PROCPOOL_DETAIL_TYPES_51, decltype(f51)
#define PROCPOOL_DETAIL_TYPES_53 PROCPOOL_DETAIL_TYPES_52, decltype(f52)
#define PROCPOOL_DETAIL_TYPES_54 PROCPOOL_DETAIL_TYPES_53, decltype(f53)
#define PROCPOOL_DETAIL_TYPES_55 PROCPOOL_DETAIL_TYPES_54, decltype(f54)
#define PROCPOOL_DETAIL_TYPES_56 PROCPOOL_DETAIL_TYPES_55, decltype(f55)
#define PROCPOOL_DETAIL_TYPES_57 PROCPOOL_DETAIL_TYPES_56, decltype(f56)
#define PROCPOOL_DETAIL_TYPES_58 PROCPOOL_DETAIL_TYPES_57, decltype(f57)
#define PROCPOOL_DETAIL_TYPES_59 PROCPOOL_DETAIL_TYPES_58, decltype(f58)
#define PROCPOOL_DETAIL_TYPES_60 PROCPOOL_DETAIL_TYPES_59, decltype(f59)
#define PROCPOOL_DETAIL_TYPES_61 PROCPOOL_DETAIL_TYPES_60, decltype(f60)
#define PROCPOOL_DETAIL_TYPES_62 PROCPOOL_DETAIL_TYPES_61, decltype(f61)
#define PROCPOOL_DETAIL_TYPES_63 PROCPOOL_DETAIL_TYPES_62, decltype(f62)
#define PROCPOOL_DETAIL_TYPES_64 PROCPOOL_DETAIL_TYPES_63, decltype(f63)

/// X(1) X(2) X(3) and so on.
// clang-format off
#define PROCPOOL_DETAIL_1_TO_64(X) \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) \
    X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) \
    X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) \
    X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32) \
    X(33) X(34) X(35) X(36) X(37) X(38) X(39) X(40) \
    X(41) X(42) X(43) X(44) X(45) X(46) X(47) X(48) \
    X(49) X(50) X(51) X(52) X(53) X(54) X(55) X(56) \
    X(57) X(58) X(59) X(60) X(61) X(62) X(63) X(64)
// clang-format on

namespace procpool::detail {

#define PROCPOOL_DETAIL_LIST(n)                                                                              \
    else if constexpr (Count == n) {                                                                         \
        const auto& [PROCPOOL_DETAIL_FIELDS_##n] = value;                                                    \
        return mp_list<PROCPOOL_DETAIL_TYPES_##n>{};                                                         \
    }
#define PROCPOOL_DETAIL_VISIT(n)                                                                             \
    else if constexpr (Count == n) {                                                                         \
        const auto& [PROCPOOL_DETAIL_FIELDS_##n] = value;                                                    \
        return use(PROCPOOL_DETAIL_FIELDS_##n);                                                              \
    }

template <std::size_t Count, class T>
constexpr auto list_field_types([[maybe_unused]] const T& value) {
    if constexpr (Count == 0)
        return mp_list<>{};
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

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CULPRIT_HPP
#define PROCPOOL_DETAIL_CODEC_CULPRIT_HPP

#include <procpool/detail/codec/type_name.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// Finds the part of a type that prevents it from being sent, for the text of the compile error. Nothing here
// is instantiated for an encodable type.

namespace procpool::detail {

// --- The path to the culprit, "config.middle[].inner", as a template argument.

template <std::size_t Size>
struct path_text {
    std::array<char, Size> text{};
};

template <std::size_t Size>
consteval std::string_view view_of(const path_text<Size>& path) {
    return {path.text.data(), Size};
}
template <std::size_t Size>
consteval auto text_of_size(std::string_view from) {
    path_text<Size> out;
    for (std::size_t at = 0; at != Size; ++at)
        out.text[at] = from[at];
    return out;
}
template <std::size_t A, std::size_t B>
consteval auto operator+(const path_text<A>& a, const path_text<B>& b) {
    path_text<A + B> out;
    for (std::size_t at = 0; at != A; ++at)
        out.text[at] = a.text[at];
    for (std::size_t at = 0; at != B; ++at)
        out.text[A + at] = b.text[at];
    return out;
}
template <std::size_t Length>
consteval auto label(const char (&literal)[Length]) {
    return text_of_size<Length - 1>({literal, Length - 1});
}
template <class T>
consteval auto name_text() {
    return text_of_size<type_name<T>().size()>(type_name<T>());
}
template <std::size_t Number>
consteval auto number_text() {
    if constexpr (Number < 10)
        return text_of_size<1>(std::string_view("0123456789").substr(Number, 1));
    else
        return number_text<Number / 10>() + number_text<Number % 10>();
}

// --- The names of an aggregate's fields: compilers print the address of a field with its name.

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

template <class T>
extern const T never_made;
template <class Field>
struct field_address {
    const Field* value;
};

template <std::size_t At, class T>
consteval auto address_of_field() {
    return with_fields(never_made<T>, [](const auto&... field) {
        const auto& wanted = std::get<At>(std::tie(field...));
        return field_address<std::remove_cvref_t<decltype(wanted)>>{&wanted};
    });
}

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

template <field_address Address>
consteval std::string_view text_with_address() {
#if defined(_MSC_VER) && !defined(__clang__)
    return __FUNCSIG__;
#else
    return __PRETTY_FUNCTION__;
#endif
}

constexpr bool is_of_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The last identifier before the brace that ends the address; empty if there is none.
consteval std::string_view field_in(std::string_view text) {
    const std::size_t object = text.find("never_made");
    std::size_t end = object == std::string_view::npos ? object : text.find('}', object);
    if (end == std::string_view::npos)
        return {};
    while (end != 0 && text[end - 1] == ')')
        --end;
    std::size_t begin = end;
    while (begin != 0 && is_of_identifier(text[begin - 1]))
        --begin;
    const std::string_view name = text.substr(begin, end - begin);
    return name == "never_made" ? std::string_view() : name;
}

template <class T, std::size_t At>
concept has_printed_name = requires {
    requires !field_in(text_with_address<address_of_field<At, T>()>()).empty();
};

template <class T, std::size_t At>
consteval auto field_label() {
    if constexpr (has_printed_name<T, At>) {
        constexpr std::string_view name = field_in(text_with_address<address_of_field<At, T>()>());
        return label(".") + text_of_size<name.size()>(name);
    } else {
        return label(".<field ") + number_text<At + 1>() + label(">");
    }
}

// --- The parts of a type, and the part that prevents encoding.

template <class T, path_text Label>
struct part {
    using type = std::remove_cv_t<T>;
    static constexpr auto text = Label;
};
template <class... Part>
struct parts {};

template <class T, class... Field, std::size_t... At>
consteval auto parts_of_fields(mp_list<Field...>, std::index_sequence<At...>) {
    return parts<part<Field, field_label<T, At>()>...>{};
}
template <class... T, std::size_t... At>
consteval auto parts_by_number(mp_list<T...>, std::index_sequence<At...>) {
    return parts<part<T, label("<") + number_text<At>() + label(">")>...>{};
}

template <class D>
consteval auto described_label() {
    constexpr std::string_view name = D::name;
    return label(".") + text_of_size<name.size()>(name);
}
template <class... B, template <class...> class Bases, class... M, template <class...> class Members>
consteval auto parts_of_described(Bases<B...>*, Members<M...>*) {
    return parts<part<typename B::type, label("::") + name_text<typename B::type>()>...,
                 part<typename pointed_member<std::remove_cv_t<decltype(M::pointer)>>::type,
                      described_label<M>()>...>{};
}

template <class T>
consteval auto parts_of() {
    using enum value_kind;
    constexpr value_kind kind = kind_of<T>();
    if constexpr (kind == c_array)
        return parts<part<std::remove_extent_t<T>, label("[]")>>{};
    else if constexpr (kind == product && is_a<T, std::pair>)
        return parts<part<typename T::first_type, label(".first")>,
                     part<typename T::second_type, label(".second")>>{};
    else if constexpr (kind == product || kind == variant)
        return parts_by_number(value_traits<T>::parts(),
                               std::make_index_sequence<boost::mp11::mp_size<T>::value>{});
    else if constexpr (kind == optional)
        return parts<part<typename T::value_type, label(".value()")>>{};
    else if constexpr (kind == owner)
        return parts<part<typename T::element_type, label("->")>>{};
    else if constexpr (kind == associative && map_like<T>)
        return parts<part<typename T::key_type, label("[].first")>,
                     part<typename T::mapped_type, label("[].second")>>{};
    else if constexpr (kind == array || kind == contiguous || kind == sequence || kind == associative)
        return parts<part<typename T::value_type, label("[]")>>{};
    else if constexpr (kind == described)
        return parts_of_described(static_cast<described_bases<T>*>(nullptr),
                                  static_cast<described_members<T>*>(nullptr));
    else if constexpr (kind == aggregate && shape_of<T>.what == shape::fields)
        return parts_of_fields<T>(field_types<T>{}, std::make_index_sequence<shape_of<T>.fields>{});
    else
        return parts<>{};
}

template <class Culprit, path_text Where>
struct culprit {
    using type = Culprit;
    static constexpr auto where = Where;
};

template <class T, path_text Where, class... Path>
consteval auto find_culprit();

/// The culprit in the first part that cannot be encoded; T itself if there is none.
template <class T, path_text Where, class... Path>
consteval auto find_culprit_in(parts<>) {
    return culprit<T, Where>{};
}
template <class T, path_text Where, class... Path, class First, class... Rest>
consteval auto find_culprit_in(parts<First, Rest...>) {
    if constexpr (why_not_encodable<typename First::type, T, Path...>() != not_encodable::none)
        return find_culprit<typename First::type, Where + First::text, T, Path...>();
    else
        return find_culprit_in<T, Where, Path...>(parts<Rest...>{});
}
template <class T, path_text Where, class... Path>
consteval auto find_culprit() {
    if constexpr (value_traits<T>::own_reason() != not_encodable::none)
        return culprit<T, Where>{};
    else
        return find_culprit_in<T, Where, Path...>(parts_of<T>());
}

template <path_text Text>
consteval auto printed() {
    return []<std::size_t... At>(std::index_sequence<At...>) {
        constexpr char characters[] = {Text.text[At]..., '\0'};
        return printable<fixed_string(characters)>{};
    }
    (std::make_index_sequence<Text.text.size()>{});
}

// --- The remedy.

/// The path and the type of the culprit, as text and as a type, appear in the template arguments that the
/// compiler prints.
template <class Where, class Culprit, not_encodable Why>
consteval void refuse_part() {
    using enum not_encodable;
    static_assert(
        Why != pointer,
        "procpool: a raw pointer means nothing in another process (Where is the one, Culprit its type); pass "
        "the value, a std::vector, a std::span<const T> parameter or a procpool::shared_array");
    static_assert(
        Why != reference,
        "procpool: a reference means nothing in another process (Where is the one, Culprit its type); hold "
        "the value itself, not a T& or a std::reference_wrapper");
    static_assert(
        Why != view,
        "procpool: a std::span or std::string_view would dangle in another process (Where is the one); only "
        "a task's own parameter may be a std::span<const T> or a std::string_view: as a member, an element "
        "or a result use a std::vector or a std::string");
    static_assert(
        Why != state,
        "procpool: a container whose comparator, hash, key_equal or allocator has state cannot travel "
        "between processes, since that state would be lost (Where is the one): these must be empty and "
        "default constructible; a function pointer and std::function are not. Write a struct with an "
        "operator()");
    static_assert(
        Why != polymorphic,
        "procpool: an object of a polymorphic class cannot travel by its base (Where is the one, Culprit the "
        "class): which class it will be is not known; send a std::variant of the classes, or specialise "
        "procpool::codec<T>");
    static_assert(
        Why != immovable,
        "procpool: this type cannot be moved, so a worker cannot make one from what was sent (Where is the "
        "one, Culprit its type), as mutexes and atomics cannot; leave it out of what is sent, or specialise "
        "procpool::codec<T> for the class around it");
    static_assert(
        Why != base,
        "procpool: this aggregate has a base class, which cannot be seen without help (Where is the one, "
        "Culprit its type): describe it with BOOST_DESCRIBE_STRUCT(T, (base), (members...)), or make the "
        "base a member");
    static_assert(
        Why != opaque,
        "procpool: this aggregate has a union among its members, or more than 64 of them (Where is the one, "
        "Culprit its type): use a std::variant, describe it with BOOST_DESCRIBE_STRUCT, or specialise "
        "procpool::codec<T>");
    static_assert(
        Why != any_content,
        "procpool: what a std::function or std::any holds is not known when the program is compiled, so it "
        "cannot travel (Where is the one); send a std::variant of what it may be, or pass the task itself");
    static_assert(
        Why != no_default,
        "procpool: this class is described, but has no default constructor to fill the members of (Where is "
        "the one, Culprit its type): add one, or specialise procpool::codec<T>");
    static_assert(
        Why != constant,
        "procpool: this class is described, but has a const member, which cannot be filled (Where is the "
        "one, Culprit its type): make the member non-const, or specialise procpool::codec<T>");
    static_assert(
        Why != no_codec,
        "procpool: this type cannot travel between processes (Where is the one, Culprit its type): it has "
        "constructors or private members. Describe it with BOOST_DESCRIBE_CLASS, specialise "
        "procpool::codec<T>, or include <procpool/codec/serialization.hpp> if it has a serialize function");
}

/// If T cannot be sent, reports which part prevents it and the remedy.
template <class T>
consteval void require_encodable() {
    if constexpr (why_not_encodable<T>() != not_encodable::none) {
        using found = decltype(find_culprit<T, name_text<T>()>());
        using where = decltype(printed<found::where>());
        refuse_part<where, typename found::type, why_not_encodable<typename found::type>()>();
    }
}

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_VIEWS_HPP
#define PROCPOOL_DETAIL_CODEC_VIEWS_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/codec/elements.hpp>
#include <procpool/detail/codec/plain.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

// The codecs of task parameters that are views into the payload: a count, padding to the alignment of the
// elements, and their bytes.

namespace procpool::detail {

template <class View, class Element>
struct bytes_view_codec {
    static_assert(is_plain<Element>,
                  "procpool: the elements of a std::span<const T> parameter must be trivially "
                  "copyable and without pointers; pass a std::vector instead");
    static_assert(
        alignof(Element) <= 16,
        "procpool: the elements of a std::span<const T> parameter may be aligned to 16 bytes at most");

    static void encode(encoder& out, const View& value) {
        const std::size_t bytes = value.size() * sizeof(Element);
        out.reserve(sizeof(std::uint64_t) + alignof(Element) + bytes);
        write_count(out, value.size());
        out.align(alignof(Element));
        out.write_bytes(value.data(), bytes);
    }

    /// The view is valid as long as the payload.
    ///
    /// Errors: throws codec_error.
    static View decode(decoder& in) {
        const std::size_t count = read_count<Element>(in);
        in.align(alignof(Element));
        if (count > in.remaining() / sizeof(Element))
            fail_count(count, in.remaining());
        const std::byte* bytes = in.view_bytes(count * sizeof(Element)).data();
        if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(Element) != 0)
            fail_alignment(alignof(Element));
        const auto* elements = reinterpret_cast<const Element*>(bytes);
        if constexpr (holds_bool<Element>())
            std::for_each_n(elements, count, check_bools<Element>);
        return make(elements, count);
    }

  private:
    static View make(const Element* elements, std::size_t count) {
        if constexpr (requires { View::extent; }) {
            if constexpr (View::extent != std::dynamic_extent)
                if (count != View::extent)
                    fail_value("the number of elements of a std::span", count);
        }
        return View(elements, count);
    }
};

template <class T>
struct view_codec;
template <class T, std::size_t Extent>
struct view_codec<std::span<const T, Extent>> : bytes_view_codec<std::span<const T, Extent>, T> {};
template <class C, class Traits>
struct view_codec<std::basic_string_view<C, Traits>>
    : bytes_view_codec<std::basic_string_view<C, Traits>, C> {};

/// Whether a task's parameter of type T is a view into the payload.
template <class T>
inline constexpr bool is_view = is_view_parameter<T>;

/// The alignment of the payload that a view needs.
template <class T>
inline constexpr std::size_t view_alignment = 1;
template <class T, std::size_t Extent>
inline constexpr std::size_t view_alignment<std::span<const T, Extent>> = alignof(T);
template <class C, class Traits>
inline constexpr std::size_t view_alignment<std::basic_string_view<C, Traits>> = alignof(C);

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_TASK_ARGUMENTS_HPP
#define PROCPOOL_DETAIL_TASK_TASK_ARGUMENTS_HPP

// The arguments of one call as bytes: one after the other, in the order of the parameters.

#include <procpool/codec.hpp>
#include <procpool/detail/codec/views.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/detail/task/check_task.hpp>
#include <procpool/detail/task/forked_copy.hpp>
#include <procpool/detail/task/keyword_call.hpp>
#include <procpool/detail/task/parameter.hpp>
#include <procpool/detail/task/signature.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace procpool::detail {

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#endif

/// Converts as the passing of an argument does. A compiler warning about the conversion would point here, not
/// at the caller's line.
template <class To, class From>
constexpr To convert_argument(From&& from) {
    if constexpr (std::is_arithmetic_v<To> && std::is_scalar_v<std::remove_cvref_t<From>>)
        return static_cast<To>(from);
    else
        return std::forward<From>(from);
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

template <class Parameter>
void write_parameter(encoder& out, const Parameter& value) {
    if constexpr (is_view<Parameter>)
        view_codec<Parameter>::encode(out, value);
    else
        out.write(value);
}

template <class Parameter, class Argument>
void encode_argument(encoder& out, Argument&& argument) {
    if constexpr (std::is_same_v<Parameter, std::remove_cvref_t<Argument>>)
        write_parameter<Parameter>(out, argument);
    else
        write_parameter<Parameter>(out, convert_argument<Parameter>(std::forward<Argument>(argument)));
}

template <class Parameter>
Parameter decode_parameter(decoder& in) {
    if constexpr (is_view<Parameter>)
        return view_codec<Parameter>::decode(in);
    else
        return in.read<Parameter>();
}

template <class Signature>
struct argument_list;
template <class Result>
struct argument_list<refused_signature<Result>> {
    static constexpr bool is_fixed = true;
    static constexpr std::size_t fixed_size = 0;
    static constexpr std::size_t alignment = 1;
};
template <class Result, class... Params>
struct argument_list<signature<Result, Params...>> {
    using params = std::tuple<Params...>;

    static constexpr bool is_fixed = ((!is_view<Params> && is_fixed_size<Params>)&&...);
    static constexpr std::size_t fixed_size = is_fixed ? (std::size_t{0} + ... + encoded_size<Params>) : 0;
    static constexpr std::size_t alignment = std::max({std::size_t{1}, view_alignment<Params>...});

    template <class... Arguments>
    static void encode([[maybe_unused]] encoder& out, Arguments&&... arguments) {
        (encode_argument<Params>(out, std::forward<Arguments>(arguments)), ...);
    }

    // The braces guarantee the order of evaluation.
    static params decode([[maybe_unused]] decoder& in) { return params{decode_parameter<Params>(in)...}; }

    template <class Function>
    static decltype(auto) invoke(Function& function, params&& arguments) {
        return std::apply(std::as_const(function), std::move(arguments));
    }
};

/// Whether every call of the signature encodes its arguments to fixed_arguments_size bytes.
template <class Signature>
inline constexpr bool has_fixed_arguments = argument_list<Signature>::is_fixed;
template <class Signature>
inline constexpr std::size_t fixed_arguments_size = argument_list<Signature>::fixed_size;

/// The alignment of the payload that the views among the parameters need; 1 without views.
template <class Signature>
inline constexpr std::size_t argument_alignment = argument_list<Signature>::alignment;

/// Converts the arguments of a call to the task's parameters and encodes them. Signature is
/// signature_of<Task, Arguments...>.
///
/// Errors: exceptions of the conversions and the codecs; the encoder may then contain part of the arguments.
template <class Signature, class Task, class... Arguments>
void encode_arguments(encoder& out, [[maybe_unused]] const Task& task, Arguments&&... arguments) {
    if constexpr (is_refused<Signature>) {
        return;
    } else if constexpr (form_of<Task>::is_keywords) {
        std::tuple<Arguments&&...> given(std::forward<Arguments>(arguments)...);
        [&]<std::size_t... At>(std::index_sequence<At...>) {
            argument_list<Signature>::encode(out, keyword_value<At, Task, Arguments...>(task, given)...);
        }
        (std::make_index_sequence<std::tuple_size_v<typename Signature::params>>{});
    } else {
        argument_list<Signature>::encode(out, std::forward<Arguments>(arguments)...);
    }
}

/// encode_arguments() for the elements of a tuple, pair or array. Signature is signature_of_tuple<Task,
/// Tuple>.
template <class Signature, class Task, class Tuple>
void encode_tuple(encoder& out, const Task& task, [[maybe_unused]] Tuple&& tuple) {
    if constexpr (!is_refused<Signature>) {
        [&]<std::size_t... At>(std::index_sequence<At...>) {
            encode_arguments<Signature>(out, task, tuple_element<At>(std::forward<Tuple>(tuple))...);
        }
        (std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>{});
    }
}

/// Decodes the output of encode_arguments(). Views are valid as long as the payload.
///
/// Errors: throws codec_error, and exceptions of the codecs.
template <class Signature>
typename Signature::params decode_arguments(decoder& in) {
    if constexpr (is_refused<Signature>)
        return {};
    else
        return argument_list<Signature>::decode(in);
}

/// Calls the function with the arguments, which it may move from. The result may refer to an argument.
template <class Signature, class Function>
decltype(auto) invoke(Function& function, typename Signature::params&& arguments) {
    if constexpr (is_refused<Signature>) {
        using result = typename Signature::result (*)();
        return result{}();
    } else {
        [[maybe_unused]] const copies_end_here afterwards;
        return argument_list<Signature>::invoke(function, std::move(arguments));
    }
}

} // namespace procpool::detail

#endif

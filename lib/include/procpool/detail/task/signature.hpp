// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_SIGNATURE_HPP
#define PROCPOOL_DETAIL_TASK_SIGNATURE_HPP

#include <tuple>

namespace procpool::detail {

/// The values that one call of a task sends and returns. Params are decayed, or views; Result is decayed, or
/// void.
template <class Result, class... Params>
struct signature {
    using result = Result;
    using params = std::tuple<Params...>;
};

/// The signature of a call that a static_assert has rejected. Code that is compiled later accepts it and does
/// nothing, so that the compiler prints only one error.
template <class Result = int>
struct refused_signature {
    using result = Result;
    using params = std::tuple<>;
};

/// The type of an object that should be a task, after a static_assert has rejected it.
struct refused_task {};

template <class Signature>
inline constexpr bool is_refused = false;
template <class Result>
inline constexpr bool is_refused<refused_signature<Result>> = true;
template <>
inline constexpr bool is_refused<refused_task> = true;

/// False, but only when the enclosing template is instantiated.
template <class...>
inline constexpr bool never = false;

} // namespace procpool::detail

#endif

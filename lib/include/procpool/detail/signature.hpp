// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_SIGNATURE_HPP
#define PROCPOOL_DETAIL_SIGNATURE_HPP

#include <tuple>

namespace procpool::detail {

/// What one call of a task sends and brings back. Params are decayed, or views; Result is decayed, or void.
template <class Result, class... Params>
struct signature {
    using result = Result;
    using params = std::tuple<Params...>;
};

/// The signature of a call that a static_assert has refused. What is compiled after it accepts it and does
/// nothing, so that the one text stands alone.
template <class Result = int>
struct refused_signature {
    using result = Result;
    using params = std::tuple<>;
};

/// The type of an object that was to be a task, after a static_assert has refused it.
struct refused_task {};

template <class Signature>
inline constexpr bool is_refused = false;
template <class Result>
inline constexpr bool is_refused<refused_signature<Result>> = true;
template <>
inline constexpr bool is_refused<refused_task> = true;

/// False, but only once the template around it is instantiated.
template <class...>
inline constexpr bool never = false;

} // namespace procpool::detail

#endif

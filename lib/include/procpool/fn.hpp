// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_FN_HPP
#define PROCPOOL_FN_HPP

namespace procpool {

/// The type of fn<Function>: a stateless task that calls a function given at compile time.
template <auto Function>
struct function_task {};

/// Makes a task from a function or a static member function: pool.apply(procpool::fn<sieve>, 1000). Each
/// argument is converted to the function's own parameter type before it is encoded.
///
/// Requires: a single function. Select an overload by a cast: fn<static_cast<double (*)(double)>(std::sqrt)>.
template <auto Function>
inline constexpr function_task<Function> fn{};

} // namespace procpool

#endif

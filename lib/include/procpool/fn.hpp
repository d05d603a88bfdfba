// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_FN_HPP
#define PROCPOOL_FN_HPP

namespace procpool {

/// The type of fn<Function>: a task without state that calls a function known by its name.
template <auto Function>
struct function_task {};

/// A function, or a static member function, as a task: pool.apply(procpool::fn<sieve>, 1000). Each argument
/// is converted to the function's own parameter type before it is encoded. Requires:   of an overloaded
/// function, the one that is meant: fn<static_cast<double (*)(double)>(std::sqrt)>.
template <auto Function>
inline constexpr function_task<Function> fn{};

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_UNHANDLED_HPP
#define PROCPOOL_UNHANDLED_HPP

#include <exception>
#include <functional>

namespace procpool {

/// Sets who is told of exceptions that nobody can receive, such as one that a callback throws. By default,
/// and after an empty function, they are printed to standard error. What the function throws itself is
/// printed.
///
/// Thread safety: any thread; the function is called in the thread where the exception was.
void set_unhandled(std::function<void(std::exception_ptr)> handler);

} // namespace procpool

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TASK_HPP
#define PROCPOOL_TASK_HPP

// A task is an object that a worker can call. A call sends the identity of the task, and the encoded members
// of a function object; it never sends code, since parent and worker are the same executable. Tasks need no
// registration. A task is one of
//
// * a function:                                        procpool::fn<sieve>
// * a function with named parameters and defaults:     procpool::keywords<slow_add>("a"_arg, "b"_arg = 1.0)
// * a captureless lambda:                              [](int n) { return n * n; }
// * a function object whose members are encodable:     scale{2.0}
// * a lambda with trivially copyable captures:         procpool::by_value([k](double x) { return k * x; })
//
// The task is called through a const object. Its parameters are values T, const T& or T&& of encodable types,
// or views: std::span<const T> and std::string_view, which refer to shared memory and are valid while the
// task runs. Each argument converts to its parameter as in an ordinary call, in the calling process. If the
// argument determines the type of the parameter, as in a generic lambda, the parameter receives the decayed
// argument; a built-in string becomes a std::string. The result is returned by value. Anything else is a
// compile error; the message of the static_assert says what to write instead.

#include <procpool/bind.hpp>
#include <procpool/by_value.hpp>
#include <procpool/detail/task/task_parts.hpp>
#include <procpool/fn.hpp>
#include <procpool/keywords.hpp>

#endif

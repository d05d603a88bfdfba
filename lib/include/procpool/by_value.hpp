// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BY_VALUE_HPP
#define PROCPOOL_BY_VALUE_HPP

#include <procpool/detail/task/signature.hpp>

#include <type_traits>
#include <utility>

namespace procpool {

/// The type of by_value(function).
template <class Function>
struct by_value_task {
    Function function;
};

namespace detail {

template <class Function>
consteval bool check_by_value() {
    if constexpr (!std::is_class_v<Function>) {
        static_assert(never<Function>,
                      "procpool: by_value takes a lambda or a function object; a function f is "
                      "the task procpool::fn<f>");
        return false;
    } else if constexpr (!std::is_trivially_copyable_v<Function>) {
        static_assert(
            never<Function>,
            "procpool: by_value sends the bytes of the captures, and one of them is not trivially "
            "copyable; pass it as an argument, or write a function object whose members are encodable");
        return false;
    } else if constexpr (!std::is_copy_constructible_v<Function>) {
        static_assert(never<Function>,
                      "procpool: by_value needs a lambda that can be copied; pass what cannot be "
                      "copied as an argument");
        return false;
    } else {
        return true;
    }
}

} // namespace detail

/// Makes a task from a lambda or a function object that is trivially copyable:
///
///     pool.map(procpool::by_value([k](double x) { return k * x; }), xs);
///
/// Requires: no capture is or contains a pointer or a reference. Only the bytes of the captures are sent, and
///           addresses mean nothing in the worker. The compiler cannot check this.
template <class Function>
[[nodiscard]] constexpr auto by_value(Function&& function) {
    using task = std::decay_t<Function>;
    if constexpr (detail::check_by_value<task>())
        return by_value_task<task>{std::forward<Function>(function)};
    else
        return detail::refused_task{};
}

} // namespace procpool

#endif

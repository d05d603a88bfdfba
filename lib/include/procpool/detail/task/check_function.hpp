// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_CHECK_FUNCTION_HPP
#define PROCPOOL_DETAIL_TASK_CHECK_FUNCTION_HPP

#include <procpool/detail/task/call_type.hpp>
#include <procpool/detail/task/signature.hpp>

#include <type_traits>

namespace procpool::detail {

/// Whether Function can be used in fn<Function>; if not, a static_assert says what to write instead.
template <auto Function>
consteval bool check_function() {
    using type = decltype(Function);
    if constexpr (std::is_member_pointer_v<type>) {
        static_assert(
            never<type>,
            "procpool: fn takes a function or a static member function; for another member write a lambda "
            "that takes the object: [](const widget& w) { return w.area(); }");
        return false;
    } else if constexpr (!std::is_function_v<std::remove_pointer_t<type>>) {
        static_assert(never<type>,
                      "procpool: fn takes a function; a lambda or a function object is a task as it stands");
        return false;
    } else if constexpr (std::is_void_v<pointer_call_type<Function>>) {
        static_assert(never<type>,
                      "procpool: a function with a variable number of arguments (...) cannot be a task; "
                      "wrap it in a function with parameters");
        return false;
    } else {
        return true;
    }
}

/// Whether a call passes as many arguments as the task takes.
template <std::size_t Takes, std::size_t Given>
consteval bool check_argument_count() {
    static_assert(
        Takes == Given,
        "procpool: wrong number of arguments; Takes and Given in check_argument_count<Takes, "
        "Given> are how many the task takes and how many the call gives. To spread each item of a range "
        "over several parameters use starmap; for parameters with defaults name them: "
        "procpool::keywords<f>(\"a\"_arg, \"b\"_arg = 1.0)");
    return Takes == Given;
}

} // namespace procpool::detail

#endif

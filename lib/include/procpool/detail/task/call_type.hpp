// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_CALL_TYPE_HPP
#define PROCPOOL_DETAIL_TASK_CALL_TYPE_HPP

#include <cstddef>
#include <type_traits>

namespace procpool::detail {

/// The result and the parameters of a callable, as they were declared.
template <class Result, class... Parameters>
struct call_type {
    static constexpr std::size_t arity = sizeof...(Parameters);
};

/// The call_type of a pointer to a function, or of a pointer to an operator() that can be called on a const
/// object; void for anything else.
template <class Pointer>
struct call_type_of_pointer {
    using type = void;
};
template <class Result, class... Parameters, bool Noexcept>
struct call_type_of_pointer<Result (*)(Parameters...) noexcept(Noexcept)> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters, bool Noexcept>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const noexcept(Noexcept)> {
    using type = call_type<Result, Parameters...>;
};
template <class Result, class Class, class... Parameters, bool Noexcept>
struct call_type_of_pointer<Result (Class::*)(Parameters...) const& noexcept(Noexcept)> {
    using type = call_type<Result, Parameters...>;
};

template <auto Pointer>
using pointer_call_type = typename call_type_of_pointer<std::remove_cv_t<decltype(Pointer)>>::type;

/// Whether class Function has exactly one operator(), which is not a template.
template <class Function>
concept has_one_call_operator = requires {
    &Function::operator();
};

template <class Function>
struct call_type_of_operator : call_type_of_pointer<decltype(&Function::operator())> {};

template <class Function>
using operator_call_type = typename call_type_of_operator<Function>::type;

} // namespace procpool::detail

#endif

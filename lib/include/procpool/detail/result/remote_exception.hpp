// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_REMOTE_EXCEPTION_HPP
#define PROCPOOL_DETAIL_RESULT_REMOTE_EXCEPTION_HPP

// Adds remote_info to an exception: the thrown object is of a class derived from the exception's own type.

#include <procpool/remote_info.hpp>

#include <boost/throw_exception.hpp>

#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace procpool::detail {

/// The name of `type` as a user writes it. For a type that was derived only to throw it, the name of its
/// base.
std::string readable_type_name(const std::type_info& type);
/// Likewise for the name of a type as g++, clang or MSVC print it.
std::string readable_type_name(std::string printed);

/// An E that comes from a worker.
template <class E>
class remote : public E, public remote_info_holder {
  public:
    remote(E thrown, remote_info origin, std::function<std::string()> stack)
        : E(std::move(thrown))
        , remote_info_holder(std::move(origin), std::move(stack)) {}
};

/// An E that comes from a worker and holds another exception; made while that exception is being handled.
template <class E>
class remote_nested : public remote<E>, public std::nested_exception {
  public:
    using remote<E>::remote;
};

/// Whether a std::nested_exception can be added to an E: not if E is one.
template <class E>
inline constexpr bool can_hold_nested = !std::is_base_of_v<std::nested_exception, E>;

/// Makes `error` with `info`, and with `inner` (may be null) for std::rethrow_if_nested. An empty type_name
/// or what in `info` is filled in from `error`; `stack` (may be empty) fills in its stack when the
/// information is first read.
template <class E>
std::exception_ptr make_remote(E error, remote_info info, const std::exception_ptr& inner = nullptr,
                               std::function<std::string()> stack = {}) {
    static_assert(std::is_class_v<E> && !std::is_final_v<E>,
                  "only a class that is not final can carry remote_info");
    if (info.type_name.empty())
        info.type_name = readable_type_name(typeid(E));
    if constexpr (std::is_base_of_v<std::exception, E>) {
        if (info.what.empty())
            info.what = error.what();
    }
    if constexpr (can_hold_nested<E>) {
        if (inner) {
            try {
                std::rethrow_exception(inner);
            } catch (...) {
                // The constructor of std::nested_exception captures the exception that is being handled.
                return std::make_exception_ptr(
                    remote_nested<E>(std::move(error), std::move(info), std::move(stack)));
            }
        }
    }
    return std::make_exception_ptr(remote<E>(std::move(error), std::move(info), std::move(stack)));
}

/// Whether make_remote() makes an object of type `type` from an E.
template <class E>
bool is_remote_of(const std::type_info& type) {
    if constexpr (can_hold_nested<E>) {
        if (type == typeid(remote_nested<E>))
            return true;
    }
    return type == typeid(remote<E>);
}

/// Whether std::throw_with_nested, called with an Argument, throws an object of the type `thrown`. That type
/// has no name, so an object must be thrown to find out; libstdc++ uses another type for a const argument.
template <class Argument>
bool is_nested_as(const std::remove_cvref_t<Argument>& error, const std::type_info& thrown) {
    try {
        std::throw_with_nested(Argument(error));
    } catch (const std::nested_exception& sample) {
        return thrown == typeid(sample);
    }
}

/// Whether `thrown` is the type of an object that was thrown as an E: E itself, or a type that make_remote(),
/// boost::throw_exception() or std::throw_with_nested() make from it, but not a class that a user derived
/// from E. `nested`: whether the object is a std::nested_exception.
template <class E>
bool is_thrown_as([[maybe_unused]] const E& error, const std::type_info& thrown,
                  [[maybe_unused]] bool nested) {
    if (thrown == typeid(E) || is_remote_of<E>(thrown) || thrown == typeid(boost::wrapexcept<E>))
        return true;
    if constexpr (can_hold_nested<E>)
        return nested && (is_nested_as<E>(error, thrown) || is_nested_as<const E&>(error, thrown));
    return false;
}

} // namespace procpool::detail

#endif

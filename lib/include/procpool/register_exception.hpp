// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_REGISTER_EXCEPTION_HPP
#define PROCPOOL_REGISTER_EXCEPTION_HPP

// Registration of exception types, so that an exception of a task comes back as its own type.

#include <procpool/codec.hpp>
#include <procpool/detail/result/remote_exception.hpp>

#include <exception>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace procpool {
namespace detail {

/// The codec of one registered type. `thrown` is the dynamic type of the object, or null if the platform
/// cannot determine it. If the object is not of this type, encode() writes nothing and returns false.
struct registered_exception {
    const std::type_info* type;
    bool (*encode)(encoder& out, const std::exception_ptr& error, const std::type_info* thrown, bool nested);
    std::exception_ptr (*decode)(decoder& in, remote_info info, const std::exception_ptr& inner);
};

/// Registers a type in this process; does nothing if it is registered already.
void add_registered_exception(const registered_exception& entry);

template <class E>
bool encode_registered(encoder& out, const std::exception_ptr& error, const std::type_info* thrown,
                       bool nested) {
    try {
        std::rethrow_exception(error);
    } catch (const E& object) {
        if (thrown && !is_thrown_as<E>(object, *thrown, nested))
            return false;
        out.write(object);
        return true;
    } catch (...) {
        return false;
    }
}

template <class E>
std::exception_ptr decode_registered(decoder& in, remote_info info, const std::exception_ptr& inner) {
    return make_remote<E>(in.read<E>(), std::move(info), inner);
}

} // namespace detail

/// Registers E: from now on, an E that a task throws comes back as an E. If codec<E> throws, it comes back as
/// remote_error.
///
/// Registration must take place in the parent and in the workers: call it before procpool::init() in main(),
/// or in the initializer of a global variable. A class derived from E is not covered; register it too.
///
/// Requires:      E is a class, not final, copyable and encodable.
/// Thread safety: may be called from any thread, any number of times.
template <class E>
void register_exception() {
    static_assert(std::is_class_v<E> && std::is_same_v<E, std::remove_cv_t<E>>,
                  "procpool::register_exception<E>: E must be a class, without const or volatile");
    static_assert(!std::is_final_v<E>,
                  "procpool::register_exception<E>: E must not be final, because what is "
                  "thrown is derived from E and from the holder of its remote_info");
    static_assert(std::is_copy_constructible_v<E>, "procpool::register_exception<E>: E must be copyable");
    static_assert(
        encodable<E>,
        "procpool::register_exception<E>: E cannot travel. Describe its bases and members, the text of a "
        "standard "
        "base travels by itself: BOOST_DESCRIBE_STRUCT(E, (std::runtime_error), (value)), with a constructor "
        "that a text alone suffices for; or specialise procpool::codec<E>");
    detail::add_registered_exception(
        {&typeid(E), &detail::encode_registered<E>, &detail::decode_registered<E>});
}

} // namespace procpool

#endif

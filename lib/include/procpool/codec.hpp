// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CODEC_HPP
#define PROCPOOL_CODEC_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/classes.hpp>
#include <procpool/detail/codec/containers.hpp>
#include <procpool/detail/codec/culprit.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/detail/codec/vocabulary.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/encoder.hpp>

#include <type_traits>

// These types can be sent between processes, as an argument or as a result:
//
// * trivially copyable types without pointers, as their bytes;
// * the standard containers (with comparators, hashes and allocators that are empty and default
//   constructible), string, array, pair, tuple, optional, variant, chrono types, filesystem::path, and
//   unique_ptr and shared_ptr by value (two shared_ptr to one object become two objects);
// * aggregates of these, without annotation;
// * default constructible classes that BOOST_DESCRIBE_CLASS describes, including their private members;
// * classes with a Boost.Serialization `serialize`, if <procpool/codec/serialization.hpp> is included;
// * a shared_array, by reference: see <procpool/shared_array.hpp>;
// * classes with a specialisation of procpool::codec, which has precedence over all of the above.
//
// Parent and worker are the same executable, so an encoding may depend on the memory layout. It is not a file
// format.

namespace procpool {

/// Encodes and decodes a T. Specialise it for a type of your own:
///
///     template <> struct procpool::codec<my_type> {
///         static void encode(procpool::encoder& out, const my_type& value);   // out.write(x)...
///         static my_type decode(procpool::decoder& in);                       // in.read<X>()...
///     };
///
/// Errors:        if `encode` throws for an argument, the call fails with that exception and the task has not
///                run. Any other exception of a codec becomes a codec_error, except for an exception type (see
///                register_exception).
/// Thread safety: arguments are encoded in the calling thread, and decoded in the main thread of a worker.
///                Results are encoded there. They are decoded in any thread that waits for any result of the
///                pool, or in a thread of the pool; several threads may call one codec at the same time.
template <class T>
struct codec {
    using primary_for = T;

    static void encode(encoder& out, const T& value) {
        detail::require_encodable<T>();
        if constexpr (detail::why_not_encodable<T>() == detail::not_encodable::none)
            detail::builtin_codec<T>::encode(out, value);
    }

    static T decode(decoder& in) {
        detail::require_encodable<T>();
        if constexpr (detail::why_not_encodable<T>() == detail::not_encodable::none)
            return detail::builtin_codec<T>::decode(in);
        else
            detail::fail_value("a type without a codec", 0);
    }
};

/// Whether a T can be sent between processes.
template <class T>
concept encodable = std::is_object_v<T> && !std::is_array_v<T> &&
                    detail::why_not_encodable<std::remove_cv_t<T>>() == detail::not_encodable::none;

template <class T>
void encoder::write(const T& value) {
    codec<std::remove_cv_t<T>>::encode(*this, value);
}

template <class T>
std::remove_cv_t<T> decoder::read() {
    return codec<std::remove_cv_t<T>>::decode(*this);
}

} // namespace procpool

#endif

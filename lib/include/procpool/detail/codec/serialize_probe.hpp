// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_SERIALIZE_PROBE_HPP
#define PROCPOOL_DETAIL_CODEC_SERIALIZE_PROBE_HPP

#include <procpool/detail/codec/travel_concepts.hpp>

#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/is_bitwise_serializable.hpp>
#include <boost/serialization/serialization.hpp>

#include <type_traits>

// Detects whether a class has a `serialize` of its own. Boost.Serialization has no test for this: it calls
// the member, and a class without it fails to compile in the middle of the archive.

namespace procpool::detail {

struct another_serialize {
    int serialize;
};
template <class T>
struct with_another_serialize : T, another_serialize {};

// A name in two base classes is ambiguous, even if it is private. A final class cannot be a base; its member
// must be public to be detected.
template <class T>
concept has_member_named_serialize = !std::is_final_v<T> && !requires {
    &with_another_serialize<T>::serialize;
};

template <class T>
concept has_public_serialize = requires(T& value, boost::archive::binary_oarchive& archive) {
    value.serialize(archive, 0U);
};

/// A public member with another signature is not for archives.
template <class T>
concept has_other_public_serialize = !has_public_serialize<T> && requires {
    &T::serialize;
};

template <class T>
concept has_serialize_member = has_public_serialize<T> ||
    (has_member_named_serialize<T> && !has_other_public_serialize<T>);

namespace serialize_lookup {

// As general as Boost's function that calls the member: with both, only a more specialised function can be
// called.
template <class Archive, class T>
void serialize(Archive& archive, T& value, const unsigned int version);

// boost::serialization::version_type makes the lookup include its namespace, where such functions may be
// declared.
template <class T>
concept has_function = requires(T& value, boost::archive::binary_oarchive& archive,
                                boost::serialization::version_type version) {
    serialize(archive, value, version);
};

} // namespace serialize_lookup

template <class T>
concept is_sent_bitwise =
    std::is_trivially_copyable_v<T> && boost::serialization::is_bitwise_serializable<T>::value;

/// The headers of Boost.Serialization have functions for containers, but the codecs here are better.
template <class T>
concept has_serialize =
    std::is_class_v<T> && !is_sent_bitwise<T> &&
    (has_serialize_member<T> || (!growing_container<T> && serialize_lookup::has_function<T>));

} // namespace procpool::detail

#endif

// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_SERIALIZE_PROBE_HPP
#define PROCPOOL_DETAIL_SERIALIZE_PROBE_HPP

#include <procpool/detail/travel_concepts.hpp>

#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/is_bitwise_serializable.hpp>
#include <boost/serialization/serialization.hpp>

#include <type_traits>

// Whether a class has a serialize of its own. Boost.Serialization does not ask: it calls the member, and what
// does not have it fails to compile in the middle of the archive.

namespace procpool::detail {

struct another_serialize {
    int serialize;
};
template <class T>
struct with_another_serialize : T, another_serialize {};

// A name that two bases have is ambiguous, whether it is private or not. Nothing can be derived from a final
// class, whose member must be public to be seen.
template <class T>
concept has_member_named_serialize = !std::is_final_v<T> && !requires {
    &with_another_serialize<T>::serialize;
};

template <class T>
concept has_public_serialize = requires(T& value, boost::archive::binary_oarchive& archive) {
    value.serialize(archive, 0U);
};

/// A public member that is called in another way has nothing to do with archives.
template <class T>
concept has_other_public_serialize = !has_public_serialize<T> && requires {
    &T::serialize;
};

template <class T>
concept has_serialize_member = has_public_serialize<T> ||
    (has_member_named_serialize<T> && !has_other_public_serialize<T>);

namespace serialize_lookup {

// As general as the function of Boost that calls the member: with both, only what is more special than they
// are can be called.
template <class Archive, class T>
void serialize(Archive& archive, T& value, const unsigned int version);

// boost::serialization::version_type has functions looked for in its namespace too, where they may stand.
template <class T>
concept has_function = requires(T& value, boost::archive::binary_oarchive& archive,
                                boost::serialization::version_type version) {
    serialize(archive, value, version);
};

} // namespace serialize_lookup

template <class T>
concept is_sent_bitwise =
    std::is_trivially_copyable_v<T> && boost::serialization::is_bitwise_serializable<T>::value;

/// Containers have functions in the headers of Boost.Serialization, and better codecs here.
template <class T>
concept has_serialize =
    std::is_class_v<T> && !is_sent_bitwise<T> &&
    (has_serialize_member<T> || (!growing_container<T> && serialize_lookup::has_function<T>));

} // namespace procpool::detail

#endif

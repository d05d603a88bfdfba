// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CODEC_SERIALIZATION_HPP
#define PROCPOOL_CODEC_SERIALIZATION_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/codec/serialization.hpp>

#include <boost/archive/archive_exception.hpp>
#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/interprocess/streams/bufferstream.hpp>
#include <boost/serialization/version.hpp>

#include <ios>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

// Lets classes be sent that Boost.Serialization can save and load: classes with a member `serialize`, private
// or not, or a function `serialize(archive, value, version)` in their own namespace or in
// boost::serialization, with or without the split into save and load.
//
// * Order of precedence: codec<T>, the types of the standard library, `serialize`. A class with `serialize`
//   is sent by it, even if the class is an aggregate, described or trivially copyable. A trivially copyable
//   class that is BOOST_IS_BITWISE_SERIALIZABLE is sent as its bytes.
// * Like a specialisation of codec, this header must be included wherever such a class is sent. The header
//   that defines the class is the right place.
// * The archive is a binary_oarchive, one for each value. Within a value, pointers, base classes and tracking
//   work as in a file; two values share nothing. A class that inherits `serialize` is sent as the inherited
//   function saves it.
// * A class without a default constructor needs save_construct_data and load_construct_data, as for elements
//   of containers.
//
// A program that uses this header must link Boost.Serialization. The CMake target procpool::procpool links it
// if it is installed; procpool::serialization requires it.

namespace procpool::detail {

template <class T>
requires has_serialize<T>
inline constexpr bool is_serialized<T> = true;

/// Storage for a T that load_construct_data constructs.
template <class T>
class loaded {
  public:
    explicit loaded(boost::archive::binary_iarchive& in) {
        boost::serialization::load_construct_data_adl(in, std::addressof(value_),
                                                      boost::serialization::version<T>::value);
    }
    loaded(const loaded&) = delete;
    loaded& operator=(const loaded&) = delete;
    ~loaded() { value_.~T(); }

    T& value() noexcept { return value_; }

  private:
    union {
        T value_;
    };
};

template <class T>
struct value_traits<T, value_kind::serialized> : common_traits {
    static consteval not_encodable own_reason() {
        return std::is_move_constructible_v<T> && std::is_destructible_v<T> ? not_encodable::none
                                                                            : not_encodable::immovable;
    }
};

template <class T>
struct builtin_codec<T, value_kind::serialized> {
    static constexpr unsigned flags = boost::archive::no_header | boost::archive::no_codecvt;

    static void encode(encoder& out, const T& value) {
        digested_bytes::encode(out, [&] {
            encoder_buffer buffer(out);
            boost::archive::binary_oarchive archive(buffer, flags);
            boost::serialization::save_construct_data_adl(archive, std::addressof(value),
                                                          boost::serialization::version<T>::value);
            archive << value;
        });
    }

    static T decode(decoder& in) {
        auto bytes = digested_bytes::decode(in);
        boost::interprocess::bufferbuf buffer(reinterpret_cast<char*>(bytes.data()), bytes.size(),
                                              std::ios_base::in);
        try {
            boost::archive::binary_iarchive archive(buffer, flags);
            loaded<T> to(archive);
            archive >> to.value();
            return std::move(to.value());
        } catch (const boost::archive::archive_exception& e) {
            throw_codec_error(std::string("Boost.Serialization: ") + e.what() + '.');
        }
    }
};

} // namespace procpool::detail

#endif

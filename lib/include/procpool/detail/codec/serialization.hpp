// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_SERIALIZATION_HPP
#define PROCPOOL_DETAIL_CODEC_SERIALIZATION_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/kinds.hpp>
#include <procpool/encoder.hpp>

#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/is_bitwise_serializable.hpp>
#include <boost/serialization/serialization.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <streambuf>
#include <type_traits>
#include <vector>

namespace procpool::detail {

/// The stream buffer of an archive: appends to an encoder, whose exceptions pass through the archive.
class encoder_buffer final : public std::streambuf {
  public:
    explicit encoder_buffer(encoder& out) : out_(out) {}

  protected:
    std::streamsize xsputn(const char* data, std::streamsize size) override {
        out_.write_bytes(data, static_cast<std::size_t>(size));
        return size;
    }
    int_type overflow(int_type c) override {
        if (!traits_type::eq_int_type(c, traits_type::eof())) {
            const char one = traits_type::to_char_type(c);
            out_.write_bytes(&one, 1);
        }
        return traits_type::not_eof(c);
    }

  private:
    encoder& out_;
};

// Bytes preceded by their size and a digest, for a reader that trusts its input: it reads only bytes that
// were written, and bytes that it leaves unread or misinterprets do not shift the values that follow.

/// Each step is one-to-one in the word and in the digest so far, so a change of one word is always detected.
inline std::uint64_t digest_of(std::span<const std::byte> bytes) noexcept {
    std::uint64_t digest = bytes.size();
    const auto mix = [&digest](std::uint64_t word) {
        digest = (digest ^ word) * 0x9E37'79B9'7F4A'7C15U;
        digest ^= digest >> 32U;
    };
    std::uint64_t word = 0;
    for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
        std::memcpy(&word, bytes.data(), sizeof word);
        mix(word);
    }
    word = 0;
    if (!bytes.empty())
        std::memcpy(&word, bytes.data(), bytes.size());
    mix(word);
    return digest;
}

class digested_bytes {
  public:
    /// Appends the bytes that `write` appends, sealed.
    template <class Write>
    static void encode(encoder& out, Write write) {
        const std::size_t at = out.size();
        digest_header of{};
        out.write_bytes(&of, sizeof of);
        write();
        const std::span bytes(out.base_ + at + sizeof of, out.size() - at - sizeof of);
        of = {bytes.size(), digest_of(bytes)};
        std::memcpy(out.base_ + at, &of, sizeof of);
    }

    /// Returns a copy of the sealed bytes, which the writing process cannot change any more.
    ///
    /// Errors: throws codec_error if the bytes have changed.
    static std::vector<std::byte> decode(decoder& in) {
        digest_header of;
        in.read_bytes(&of, sizeof of);
        if (of.size > in.remaining())
            fail_underrun(of.size, in.remaining());
        const auto sealed = in.view_bytes(of.size);
        std::vector<std::byte> bytes(sealed.begin(), sealed.end());
        if (digest_of(bytes) != of.digest)
            throw_codec_error("The bytes of a serialized object differ from the bytes that were written.");
        return bytes;
    }

  private:
    struct digest_header {
        std::uint64_t size;
        std::uint64_t digest;
    };
};

// Detects whether a class has a `serialize` of its own. Boost.Serialization has no test for this: it calls
// the member, and a class without it fails to compile in the middle of the archive.

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

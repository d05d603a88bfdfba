// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_SEALED_BYTES_HPP
#define PROCPOOL_DETAIL_CODEC_SEALED_BYTES_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/throw_codec_error.hpp>
#include <procpool/encoder.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

// Bytes preceded by their size and a digest, for a reader that trusts its input: it reads only bytes that
// were written, and bytes that it leaves unread or misinterprets do not shift the values that follow.

namespace procpool::detail {

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

class sealed_bytes {
  public:
    /// Appends the bytes that `write` appends, sealed.
    template <class Write>
    static void encode(encoder& out, Write write) {
        const std::size_t at = out.size();
        seal of{};
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
        seal of;
        in.read_bytes(&of, sizeof of);
        if (of.size > in.remaining())
            fail_underrun(of.size, in.remaining());
        const auto sealed = in.view_bytes(of.size);
        std::vector<std::byte> bytes(sealed.begin(), sealed.end());
        if (digest_of(bytes) != of.digest)
            throw_codec_error("The bytes of a serialized object are not those that were written.");
        return bytes;
    }

  private:
    struct seal {
        std::uint64_t size;
        std::uint64_t digest;
    };
};

} // namespace procpool::detail

#endif

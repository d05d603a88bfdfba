// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_TEXT_CODEC_HPP
#define PROCPOOL_ERROR_TEXT_CODEC_HPP

// The encoding of an exception's texts: the number of bytes in 64 bits, and the bytes.

#include <procpool/codec.hpp>
#include <procpool/detail/codec/throw_codec_error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace procpool::detail {

inline void encode_text(encoder& out, std::string_view text) {
    out.write(static_cast<std::uint64_t>(text.size()));
    out.write_bytes(text.data(), text.size());
}

inline std::string decode_text(decoder& in) {
    std::uint64_t size = 0;
    in.read_bytes(&size, sizeof size);
    if (size > in.remaining())
        throw_codec_error("A text in an exception from a worker is longer than its message.");
    const auto bytes = in.view_bytes(static_cast<std::size_t>(size));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

} // namespace procpool::detail

#endif

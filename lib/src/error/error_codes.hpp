// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_ERROR_CODES_HPP
#define PROCPOOL_ERROR_ERROR_CODES_HPP

#include <procpool/detail/codec/codec_failures.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

// The encoding of an exception's texts: the number of bytes in 64 bits, and the bytes.

#include <procpool/codec.hpp>

// The encoding of an error code: its value and the name of its category. The categories of the standard
// library, of Boost.System, of Boost.Asio and of procpool are found by their names. Any other category is
// replaced by a placeholder with the same value and name, which compares equal only to itself.

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

void encode_error_code(encoder& out, const std::error_code& code);
void encode_error_code(encoder& out, const boost::system::error_code& code);

std::error_code decode_std_error_code(decoder& in);
boost::system::error_code decode_boost_error_code(decoder& in);

} // namespace procpool::detail

#endif

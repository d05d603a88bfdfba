// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_ARCHIVE_BUFFERS_HPP
#define PROCPOOL_DETAIL_CODEC_ARCHIVE_BUFFERS_HPP

#include <procpool/encoder.hpp>

#include <cstddef>
#include <span>
#include <streambuf>

// The stream buffers of the archives.

namespace procpool::detail {

/// Appends to an encoder, whose exceptions pass through the archive.
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

/// Reads bytes to their end.
class bytes_buffer final : public std::streambuf {
  public:
    explicit bytes_buffer(std::span<const std::byte> bytes) {
        // streambuf takes non-const pointers for its read area too; nothing is written here.
        auto* first = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(first, first, first + bytes.size());
    }
};

} // namespace procpool::detail

#endif

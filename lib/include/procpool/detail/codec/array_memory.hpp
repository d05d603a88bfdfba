// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_ARRAY_MEMORY_HPP
#define PROCPOOL_DETAIL_CODEC_ARRAY_MEMORY_HPP

#include <procpool/decoder.hpp>
#include <procpool/encoder.hpp>

#include <cstddef>
#include <memory>

namespace procpool::detail {

/// The memory of a shared_array of any element type: one object in each process that has the memory attached,
/// for any number of handles.
class array_memory {
  public:
    array_memory(const array_memory&) = delete;
    array_memory& operator=(const array_memory&) = delete;

    /// The alignment of data().
    static constexpr std::size_t alignment = 64;

    /// Zeros for `elements` elements; null for no bytes.
    ///
    /// Errors: throws std::bad_alloc, or boost::system::system_error if there are too many such memories.
    static std::shared_ptr<const array_memory> create(std::size_t elements, std::size_t element_bytes);

    /// Writes a reference to the memory, of a fixed size. The pointer may be null.
    static void encode(encoder& out, const std::shared_ptr<const array_memory>& memory);
    /// Errors: throws codec_error if the memory is gone, or has elements of another size.
    static std::shared_ptr<const array_memory> decode(decoder& in, std::size_t element_bytes);

    std::byte* data() const noexcept { return data_; }
    std::size_t bytes() const noexcept { return bytes_; }

  protected:
    array_memory(std::byte* data, std::size_t bytes) noexcept : data_(data), bytes_(bytes) {}
    ~array_memory() = default;

  private:
    std::byte* data_;
    std::size_t bytes_;
};

} // namespace procpool::detail

#endif

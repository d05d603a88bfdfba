// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_HEAP_ENCODER_HPP
#define PROCPOOL_DETAIL_CODEC_HEAP_ENCODER_HPP

#include <procpool/encoder.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace procpool::detail {

/// An encoder into memory of its own.
class heap_encoder final : public encoder {
  public:
    heap_encoder() noexcept;
    ~heap_encoder();

    /// The bytes written so far; valid until the next write.
    std::span<const std::byte> bytes() const noexcept { return {base(), size()}; }

    /// Replaces bytes that were written.
    void overwrite(std::size_t at, const void* data, std::size_t size) noexcept;

    void keep(std::shared_ptr<const void> what) override;
    /// Objects that must live until the bytes have been read.
    const std::vector<std::shared_ptr<const void>>& kept() const noexcept { return kept_; }

    /// Writes the same bytes to `out`, and keeps the same objects alive there.
    void copy_to(encoder& out) const;

    /// Drops the bytes, and keeps the memory.
    void clear() noexcept;

  private:
    void grow(std::size_t more) override;

    std::vector<std::shared_ptr<const void>> kept_;
};

} // namespace procpool::detail

#endif

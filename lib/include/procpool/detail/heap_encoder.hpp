// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_HEAP_ENCODER_HPP
#define PROCPOOL_DETAIL_HEAP_ENCODER_HPP

#include <procpool/encoder.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace procpool::detail {

/// An encoder into memory of its own.
class heap_encoder final : public encoder {
  public:
    heap_encoder() noexcept : encoder(nullptr, 0) {}
    ~heap_encoder() = default;

    /// What was written; valid until the next write.
    std::span<const std::byte> bytes() const noexcept { return {base(), size()}; }

    /// Replaces bytes that were written.
    void overwrite(std::size_t at, const void* data, std::size_t size) noexcept {
        std::copy_n(static_cast<const std::byte*>(data), size, base() + at);
    }

    void keep(std::shared_ptr<const void> what) override { kept_.push_back(std::move(what)); }
    /// What must live until the bytes have been read.
    const std::vector<std::shared_ptr<const void>>& kept() const noexcept { return kept_; }

    /// Has `out` write the same, and keep the same alive.
    void copy_to(encoder& out) const {
        out.write_bytes(base(), size());
        for (const auto& each : kept_)
            out.keep(each);
    }

    /// Forgets what was written, and keeps the memory.
    void clear() noexcept {
        rewind(0);
        kept_.clear();
    }

  private:
    static constexpr std::align_val_t alignment{16};

    struct release {
        void operator()(std::byte* memory) const noexcept { ::operator delete[](memory, alignment); }
    };

    void grow(std::size_t more) override {
        const std::size_t needed = size() + more;
        const std::size_t enough = std::max({needed, capacity() * 2, std::size_t{256}});
        std::unique_ptr<std::byte[], release> bigger(
            static_cast<std::byte*>(::operator new[](enough, alignment)));
        std::copy_n(base(), size(), bigger.get());
        rebase(bigger.get(), enough);
        memory_ = std::move(bigger);
    }

    std::unique_ptr<std::byte[], release> memory_;
    std::vector<std::shared_ptr<const void>> kept_;
};

} // namespace procpool::detail

#endif

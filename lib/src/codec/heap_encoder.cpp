// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/heap_encoder.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace procpool::detail {
namespace {

constexpr std::align_val_t alignment{16};

} // namespace

heap_encoder::heap_encoder() noexcept : encoder(nullptr, 0) {}

heap_encoder::~heap_encoder() {
    ::operator delete[](base(), alignment);
}

void heap_encoder::overwrite(std::size_t at, const void* data, std::size_t size) noexcept {
    std::copy_n(static_cast<const std::byte*>(data), size, base() + at);
}

void heap_encoder::keep(std::shared_ptr<const void> what) {
    kept_.push_back(std::move(what));
}

void heap_encoder::copy_to(encoder& out) const {
    out.write_bytes(base(), size());
    for (const auto& each : kept_)
        out.keep(each);
}

void heap_encoder::clear() noexcept {
    rewind(0);
    kept_.clear();
}

void heap_encoder::grow(std::size_t more) {
    const std::size_t needed = size() + more;
    const std::size_t enough = std::max({needed, capacity() * 2, std::size_t{256}});
    auto* const bigger = static_cast<std::byte*>(::operator new[](enough, alignment));
    std::copy_n(base(), size(), bigger);
    ::operator delete[](base(), alignment);
    rebase(bigger, enough);
}

} // namespace procpool::detail
